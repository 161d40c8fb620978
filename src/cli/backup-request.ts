/** What to back up and how: flags first, then `holdfast.yaml`, then what is usual. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
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
  readonly level?: number;
  readonly lockTimeout?: number;
}

/** zstd's own default: higher levels cost much time for few per cent. */
const usualLevel = 3;
const usualLockTimeoutMs = 30_000;

export function backupRequestOf(
  flags: BackupFlags,
  settings: DatabaseSettings | null,
  target: TargetSpec,
  configuration: Pick<Configuration, 'sizes'>,
): BackupRequest {
  return {
    target,
    database: settings?.name ?? null,
    label: flags.label ?? null,
    formats: flags.format ?? settings?.formats ?? ['custom'],
    scope: scopeOf(flags, settings),
    fingerprint: flags.fingerprint ?? settings?.fingerprint ?? 'content',
    owners: flags.owner && (settings?.owners ?? true),
    privileges: flags.acl && (settings?.privileges ?? true),
    zstdLevel: flags.level ?? settings?.zstdLevel ?? usualLevel,
    lockTimeoutMs: flags.lockTimeout ?? settings?.lockTimeoutMs ?? usualLockTimeoutMs,
    sizeLimits: sizeLimitsOf(configuration.sizes),
  };
}

/** Chosen tables and schemas of the command line replace those of the file: the two are never mixed. */
function scopeOf(flags: BackupFlags, settings: DatabaseSettings | null): Scope {
  if (flags.schemaOnly === true && flags.dataOnly === true) {
    throw cliErrors.make('usage', '--schema-only and --data-only exclude each other');
  }
  const given = [flags.table, flags.excludeTable, flags.schema, flags.excludeSchema].some((one) => one !== undefined);
  const chosen = given
    ? {
        tables: flags.table ?? [],
        excludedTables: flags.excludeTable ?? [],
        schemas: flags.schema ?? [],
        excludedSchemas: flags.excludeSchema ?? [],
      }
    : {
        tables: settings?.tables ?? [],
        excludedTables: settings?.excludedTables ?? [],
        schemas: settings?.schemas ?? [],
        excludedSchemas: settings?.excludedSchemas ?? [],
      };
  return { kind: kindOf(flags, Object.values(chosen).some((list) => list.length > 0)), ...chosen };
}

function kindOf(flags: BackupFlags, isPart: boolean): ScopeKind {
  if (flags.schemaOnly === true) return 'schema';
  if (flags.dataOnly === true) return 'data';
  return isPart ? 'tables' : 'whole';
}
