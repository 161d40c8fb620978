/** The flags of `backup`, as commander fills them. */

import { definedOf } from '../config/defined.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { DumpFormat } from '../engine/engine.ts';
import type { BackupWishes } from '../requests/backup-request.ts';

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

export function backupWishesOf(flags: BackupFlags): BackupWishes {
  return {
    ...definedOf({
      formats: flags.format,
      schemaOnly: flags.schemaOnly,
      dataOnly: flags.dataOnly,
      tables: flags.table,
      excludeTables: flags.excludeTable,
      schemas: flags.schema,
      excludeSchemas: flags.excludeSchema,
      fingerprint: flags.fingerprint,
      label: flags.label,
      level: flags.level,
      lockTimeoutMs: flags.lockTimeout,
    }),
    owners: flags.owner,
    privileges: flags.acl,
    hooks: flags.hooks,
  };
}
