/** What to back up and how: what is wished first, then `holdfast.yaml`, then what is usual. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { definedOf } from '../config/defined.ts';
import { rulesFor } from '../config/keep-rules.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { Scope, ScopeKind } from '../domain/scope.ts';
import type { DumpFormat, TargetSpec } from '../engine/engine.ts';
import type { BackupRequest } from '../operations/backup.ts';
import type { SalvageRequest } from '../operations/salvage.ts';
import { requestErrors } from './errors.ts';
import { sizeLimitsOf } from './size-limits.ts';

/** What somebody wants of this one backup; what is left out is as configured. */
export interface BackupWishes {
  /** Several at once come from one read (PostgreSQL). */
  readonly formats?: readonly DumpFormat[];
  /** Definitions without rows. */
  readonly schemaOnly?: boolean;
  /** Rows without definitions. */
  readonly dataOnly?: boolean;
  /** Patterns as `pg_dump --table` reads them; given, they replace the configured ones of all four lists. */
  readonly tables?: readonly string[];
  readonly excludeTables?: readonly string[];
  readonly schemas?: readonly string[];
  readonly excludeSchemas?: readonly string[];
  /** False leaves out who owns what. */
  readonly owners?: boolean;
  /** False leaves out privileges. */
  readonly privileges?: boolean;
  /** `content` (as a rule), `independent`, `counts` or `off`. */
  readonly fingerprint?: FingerprintMode;
  /** A word to know it by: `pre-deploy`. */
  readonly label?: string;
  /** False: the steps of `hooks:` are not run. */
  readonly hooks?: boolean;
  /** zstd's, 1 to 19. */
  readonly level?: number;
  /** How long to wait for a locked table, in milliseconds. */
  readonly lockTimeoutMs?: number;
}

export function backupRequestOf(
  wishes: BackupWishes,
  settings: DatabaseSettings,
  target: TargetSpec,
  configuration: Pick<Configuration, 'sizes' | 'keep'>,
): BackupRequest {
  const given = definedOf({
    formats: wishes.formats,
    fingerprint: wishes.fingerprint,
    zstdLevel: wishes.level,
    lockTimeoutMs: wishes.lockTimeoutMs,
  });
  const { formats, fingerprint, zstdLevel, lockTimeoutMs } = { ...settings, ...given };
  return {
    target,
    database: settings.name,
    label: wishes.label ?? null,
    formats,
    scope: scopeOf(wishes, settings),
    fingerprint,
    owners: wishes.owners !== false && settings.owners,
    privileges: wishes.privileges !== false && settings.privileges,
    zstdLevel,
    lockTimeoutMs,
    sizeLimits: sizeLimitsOf(configuration.sizes),
    keep: rulesFor(configuration.keep, settings.name),
    ...(wishes.hooks !== false && settings.hooks !== undefined ? { hooks: settings.hooks } : {}),
  };
}

/** Of what is saved from a damaged database everything is taken that reads: nothing is chosen, and nothing expires. */
export function salvageRequestOf(request: BackupRequest): SalvageRequest {
  const { target, database, label, owners, privileges, zstdLevel, lockTimeoutMs } = request;
  return { target, database, label, owners, privileges, zstdLevel, lockTimeoutMs };
}

type Chosen = Omit<Scope, 'kind'>;

/** Chosen tables and schemas of the command line replace those of the file: the two are never mixed. */
function scopeOf(wishes: BackupWishes, settings: DatabaseSettings): Scope {
  if (wishes.schemaOnly === true && wishes.dataOnly === true) {
    throw requestErrors.make('usage', 'schema only and data only exclude each other');
  }
  const given: Partial<Chosen> = definedOf({
    tables: wishes.tables,
    excludedTables: wishes.excludeTables,
    schemas: wishes.schemas,
    excludedSchemas: wishes.excludeSchemas,
  });
  const { tables, excludedTables, schemas, excludedSchemas } =
    Object.keys(given).length > 0 ? { ...nothingChosen, ...given } : settings;
  const chosen = { tables, excludedTables, schemas, excludedSchemas };
  return {
    kind: kindOf(
      wishes,
      Object.values(chosen).some((list) => list.length > 0),
    ),
    ...chosen,
  };
}

const nothingChosen: Chosen = { tables: [], excludedTables: [], schemas: [], excludedSchemas: [] };

function kindOf(wishes: BackupWishes, isPart: boolean): ScopeKind {
  if (wishes.schemaOnly === true) return 'schema';
  if (wishes.dataOnly === true) return 'data';
  return isPart ? 'tables' : 'whole';
}
