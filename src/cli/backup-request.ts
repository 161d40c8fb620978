/** What to back up and how: flags first, then `holdfast.yaml`, then what is usual. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { definedOf } from '../config/defined.ts';
import { rulesFor } from '../config/keep-rules.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { Scope, ScopeKind } from '../domain/scope.ts';
import type { DumpFormat, TargetSpec } from '../engine/engine.ts';
import type { BackupRequest } from '../operations/backup.ts';
import { cliErrors } from './errors.ts';
import { sizeLimitsOf } from './size-limits.ts';

export interface BackupFlags {
  readonly format?: readonly DumpFormat[];
  readonly schemaOnly?: boolean;
  readonly dataOnly?: boolean;
  readonly table?: readonly string[];
  readonly excludeTable?: readonly string[];
  readonly schema?: readonly string[];
  readonly excludeSchema?: readonly string[];
  /** False with `--no-owner`. */
  readonly owner: boolean;
  /** False with `--no-acl`. */
  readonly acl: boolean;
  readonly fingerprint?: FingerprintMode;
  readonly label?: string;
  /** False with `--no-hooks`. */
  readonly hooks: boolean;
  readonly level?: number;
  readonly lockTimeout?: number;
  readonly salvage?: boolean;
  readonly all?: boolean;
  readonly excludeDatabase?: readonly string[];
}

export function backupRequestOf(
  flags: BackupFlags,
  settings: DatabaseSettings,
  target: TargetSpec,
  configuration: Pick<Configuration, 'sizes' | 'keep'>,
): BackupRequest {
  const given = definedOf({
    formats: flags.format,
    fingerprint: flags.fingerprint,
    zstdLevel: flags.level,
    lockTimeoutMs: flags.lockTimeout,
  });
  const { formats, fingerprint, zstdLevel, lockTimeoutMs } = { ...settings, ...given };
  return {
    target,
    database: settings.name,
    label: flags.label ?? null,
    formats,
    scope: scopeOf(flags, settings),
    fingerprint,
    owners: flags.owner && settings.owners,
    privileges: flags.acl && settings.privileges,
    zstdLevel,
    lockTimeoutMs,
    sizeLimits: sizeLimitsOf(configuration.sizes),
    keep: rulesFor(configuration.keep, settings.name),
    ...(flags.hooks && settings.hooks !== undefined ? { hooks: settings.hooks } : {}),
  };
}

type Chosen = Omit<Scope, 'kind'>;

/** Chosen tables and schemas of the command line replace those of the file: the two are never mixed. */
function scopeOf(flags: BackupFlags, settings: DatabaseSettings): Scope {
  if (flags.schemaOnly === true && flags.dataOnly === true) {
    throw cliErrors.make('usage', '--schema-only and --data-only exclude each other');
  }
  const given: Partial<Chosen> = definedOf({
    tables: flags.table,
    excludedTables: flags.excludeTable,
    schemas: flags.schema,
    excludedSchemas: flags.excludeSchema,
  });
  const { tables, excludedTables, schemas, excludedSchemas } =
    Object.keys(given).length > 0 ? { ...nothingChosen, ...given } : settings;
  const chosen = { tables, excludedTables, schemas, excludedSchemas };
  return {
    kind: kindOf(
      flags,
      Object.values(chosen).some((list) => list.length > 0),
    ),
    ...chosen,
  };
}

const nothingChosen: Chosen = { tables: [], excludedTables: [], schemas: [], excludedSchemas: [] };

function kindOf(flags: BackupFlags, isPart: boolean): ScopeKind {
  if (flags.schemaOnly === true) return 'schema';
  if (flags.dataOnly === true) return 'data';
  return isPart ? 'tables' : 'whole';
}
