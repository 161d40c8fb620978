/** What a backup says of itself, in the file that is written last: no manifest, no backup. */

import type { ArtifactRecord } from './artifact.ts';
import type { SalvageTotals } from './damage.ts';
import type { Finding } from './finding.ts';
import type { FingerprintMode } from './fingerprint.ts';
import type { Scope } from './scope.ts';

export type BackupKind = 'dump' | 'image' | 'base';

/** The newest migration that a tool's own list in the database names. */
export interface Migration {
  /** `prisma`, `flyway`. */
  readonly tool: string;
  /** As the tool calls it: `20261101120000_add_orders`, `7 add orders`. */
  readonly name: string;
}

/** Where a backup came from. Never a password. */
export interface BackupOrigin {
  /** `PostgreSQL` or `SQLite`, and its version as it says it. */
  readonly product: string;
  readonly version: string;
  /** For PostgreSQL 17.11: 17. For SQLite: 3. */
  readonly majorVersion: number;
  /** The database's own name, or the file's. */
  readonly databaseName: string;
  /** Host and port, socket directory, or the file's path. */
  readonly address: string;
  /** The size the source reported before the backup began. */
  readonly sizeBytes: number;
  /** `pg_dump 17.11` or `SQLite 3.53.4 online backup`. */
  readonly tool: string;
  /** Absent where no list of migrations is known. */
  readonly migration?: Migration;
}

/** What the place of a restore must already have. Names unquoted. */
export interface BackupNeeds {
  readonly roles: readonly string[];
  readonly tablespaces: readonly string[];
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
}

export interface Manifest {
  readonly format: 1;
  readonly id: string;
  /** The name in the repository. */
  readonly database: string;
  readonly engine: string;
  readonly kind: BackupKind;
  readonly scope: Scope;
  readonly label: string | null;
  readonly host: string;
  readonly writer: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly finished: string;
  readonly durationMs: number;
  readonly origin: BackupOrigin;
  readonly needs: BackupNeeds;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly fingerprint: {
    readonly mode: FingerprintMode;
    readonly tables: number;
    readonly rows: number;
    readonly largeObjects: number;
    readonly objects: number;
  };
  readonly artifacts: readonly ArtifactRecord[];
  /** What was saved and lost, of a salvage only; table by table it stands in the fingerprint. */
  readonly salvage?: SalvageTotals;
  /** Warnings that were given when it was made. */
  readonly findings: readonly Finding[];
}
