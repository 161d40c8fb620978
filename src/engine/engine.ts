/**
 * The face of a kind of database that can be protected. `operations/` knows nothing else of PostgreSQL or SQLite; a
 * further engine fits by implementing `EngineModule`.
 *
 * Every method throws `HoldfastError` for what stops it, stops when `work.signal` aborts, and leaves nothing behind then:
 * no child process, no scratch database, no open snapshot.
 */

import type { ArtifactRecord, ArtifactSink, ArtifactRole, BackupSource } from '../domain/artifact.ts';
import type { DamageReport, SalvageRecord } from '../domain/damage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Difference, Fingerprint, FingerprintMode } from '../domain/fingerprint.ts';
import type { BackupKind, BackupNeeds, BackupOrigin, Manifest, Migration } from '../domain/manifest.ts';
import type { RoleMap } from '../domain/role-map.ts';
import type { Scope } from '../domain/scope.ts';
import type { Work } from '../domain/work.ts';
import type { ForeignReader } from './foreign.ts';

/** Which database, and who said so. */
export interface TargetSpec {
  /** May hold a password: never print it, `Target.label` is for that. */
  readonly url: string;
  /** `DATABASE_URL in .env`, `holdfast.yaml: databases.app.url`, `--url`. */
  readonly origin: string;
  /** Where relative paths start (the folder of the file that named the target). */
  readonly baseDir: string;
  /**
   * The command that runs other commands where the database is (`docker exec -i chain-postgres`), for one that answers
   * only there; `url` is then as seen from there.
   */
  readonly via?: readonly string[];
  /** PostgreSQL's own environment variables that fill what the URL leaves open (`PGPASSWORD`, `PGSSLMODE`, …). */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Target {
  /** For people, without password: `postgres://app@db.example.com:5432/app`, `/srv/dev.db`. */
  readonly label: string;
  readonly origin: string;
  readonly databaseName: string;
  /** The same for every way of naming this database on this machine: the key of the lock. */
  readonly identity: string;
}

export interface Inspection {
  readonly product: string;
  readonly version: string;
  readonly sizeBytes: number | null;
  /** Label and value, in the order to show: `client tools`, `pg_dump 17.11 in /usr/lib/postgresql/17/bin`. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly findings: readonly Finding[];
}

export type DumpFormat = 'custom' | 'sql.zst' | 'sql.gz';

export interface BackupRequest {
  /** The start of artifact names: `app-20261121T020000Z`. */
  readonly stem: string;
  /** The time in `stem`, for artifacts named otherwise: `20261121T020000Z`. */
  readonly compactTime: string;
  /** Ignored by engines that have one format only. */
  readonly formats: readonly DumpFormat[];
  readonly scope: Scope;
  readonly fingerprint: FingerprintMode;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly zstdLevel: number;
  /** How long to wait for another session's lock on a table. */
  readonly lockTimeoutMs: number;
}

export interface BackupOutcome {
  readonly kind: BackupKind;
  readonly origin: BackupOrigin;
  readonly needs: BackupNeeds;
  readonly fingerprint: Fingerprint | null;
  /** Warnings; what would make the backup wrong was thrown. */
  readonly findings: readonly Finding[];
}

export type SalvageRequest = Pick<
  BackupRequest,
  'stem' | 'compactTime' | 'owners' | 'privileges' | 'zstdLevel' | 'lockTimeoutMs'
>;

/** A backup of what still read. What did not is no error: it is listed. */
export interface SalvageOutcome extends Omit<BackupOutcome, 'fingerprint'> {
  /** Of what was saved. */
  readonly fingerprint: Fingerprint;
  readonly salvage: SalvageRecord;
}

export type RestoreDestination =
  /** Beside the present database, then swapped into its name; the present one is kept. */
  | { readonly kind: 'replace' }
  /** In the present database itself, in one transaction: for servers where none can be created beside. Keeps nothing. */
  | { readonly kind: 'in-place' }
  /** Under a name of its own that must be free (for SQLite: a path). */
  | { readonly kind: 'into'; readonly name: string };

export interface RestoreRequest {
  readonly destination: RestoreDestination;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Parallel jobs; null lets the engine choose by the machine. */
  readonly jobs: number | null;
  /** Roles that are called otherwise where the backup is restored. Absent: none. */
  readonly roles?: RoleMap;
}

/** What a restore will do, in words and numbers, before anything is touched. */
export interface RestorePlan {
  readonly request: RestoreRequest;
  /** Where the restored data will stand at the end. */
  readonly finalName: string;
  /** Under which name the present database will be kept; null when there is none to keep. */
  readonly keptAs: string | null;
  /** Sentences in order: `create app_restoring_k3f9 (UTF8, en_US.utf8) from template0`, … */
  readonly steps: readonly string[];
  /** `blocking` ones stop the restore: a missing role, a missing extension, not enough disk, a prepared transaction. */
  readonly findings: readonly Finding[];
  readonly plainBytes: number;
  /** The schema's version, as far as it is known; absent where nothing keeps one. */
  readonly migrations?: { readonly backup: Migration | null; readonly present: Migration | null };
}

export interface Adoption {
  readonly name: string;
  /** The replaced database's new name; null when there was none. */
  readonly keptAs: string | null;
  readonly findings: readonly Finding[];
}

/** A database restored aside. Disposing it removes it, unless it was adopted or is meant to stay. */
export interface RestoredCopy extends AsyncDisposable {
  readonly name: string;
  /** `throwaway PostgreSQL 17.11 server`, `database app_restoring_k3f9 on db:5432`, a path. */
  readonly description: string;
  /** Milliseconds from the first byte read to the end of the last statement. */
  readonly restoreMs: number;
  /** Differences between the place and the source that do not touch content (a locale that is not installed here). */
  readonly findings: readonly Finding[];
  /** What the copy should hold, where it is on purpose not what the backup holds (mapped roles). Absent: the same. */
  expects?(fingerprint: Fingerprint): Fingerprint;
  /** True for a difference that was to be expected of what had to stay; absent where nothing had to. */
  isAnnounced?(difference: Difference): boolean;
  /** What to say of a difference that two versions of a server make and no content does; null: it is none. Absent: there are none. */
  explain?(difference: Difference): Finding | null;
  /** Reads the copy the way `expected` was read: same tables, same columns in the same order. */
  fingerprint(expected: Fingerprint, work: Work): Promise<Fingerprint>;
  /** What only the engine can check beyond the fingerprint (`PRAGMA integrity_check`, invalid indexes). */
  check(work: Work): Promise<readonly Finding[]>;
  /** Every table, and its rows counted one by one: what can be said where there is nothing to compare with. */
  countRows(work: Work): Promise<readonly TableRows[]>;
  /** One statement; the rows as text, null for NULL. */
  query(sql: string, work: Work): Promise<readonly (readonly (string | null)[])[]>;
  /** Statistics for the planner. */
  analyze(work: Work): Promise<void>;
  /** Puts it in its final place (plan), keeping what was there. Only for copies made by `restore`. */
  adopt(work: Work): Promise<Adoption>;
}

export interface TableRows {
  /** Qualified where the engine knows schemas. */
  readonly table: string;
  /** Null for a partitioned table, whose rows are in its partitions, and for one that cannot be read here. */
  readonly rows: number | null;
}

/** A database that a restore replaced and kept. */
export interface KeptDatabase {
  readonly name: string;
  readonly replacedAt: Date;
  readonly sizeBytes: number | null;
}

export type TableDestination =
  | { readonly kind: 'file'; readonly path: string }
  /** `<table>_restored_<time>` beside the living one. */
  | { readonly kind: 'beside' }
  /** In the living one's place, which is kept under another name. */
  | { readonly kind: 'replace' };

export interface TableRequest {
  /** As the person wrote them: `orders`, `sales.orders`, `"Odd Name"`. */
  readonly tables: readonly string[];
  readonly destination: TableDestination;
  readonly owners: boolean;
  readonly privileges: boolean;
}

export interface RestoredTable {
  /** The table in the backup. */
  readonly table: string;
  /** Where it is now: a table's name or a file's path. */
  readonly restoredAs: string;
  readonly keptAs: string | null;
  readonly rows: number;
  readonly indexes: number;
}

export interface GlobalsRequest {
  /** Roles that are called otherwise here. */
  readonly roles: RoleMap;
  /** Roles that exist and differ are made what the backup says; false: they stay as they are. */
  readonly replace: boolean;
  readonly tablespaces: boolean;
}

/** One thing that belongs to the whole server: as it is in the backup, held against what the server has. */
export interface GlobalItem {
  readonly kind: 'role' | 'setting' | 'membership' | 'tablespace' | 'privilege';
  /** `app`; `app: search_path`; `readers to app`. */
  readonly name: string;
  readonly state: 'same' | 'different' | 'missing';
  /** `left`: it differs or is missing, and stays so. */
  readonly deed: 'none' | 'create' | 'change' | 'left';
  /** What differs, in words; never a password. Empty when nothing does. */
  readonly what: string;
}

export interface GlobalsPlan {
  /** For people, without password: `db.example.com:5432`. */
  readonly server: string;
  readonly items: readonly GlobalItem[];
  /** `blocking` ones stop it. */
  readonly findings: readonly Finding[];
}

/** Roles, settings and tablespaces of a server, for kinds of databases that have them. */
export interface GlobalsFace {
  /** Read-only. */
  plan(request: GlobalsRequest, source: BackupSource, work: Work): Promise<GlobalsPlan>;
  /** Plans again, and does it. Throws `globals-not-restored`, which names what could not be. */
  restore(request: GlobalsRequest, source: BackupSource, work: Work): Promise<GlobalsPlan>;
}

/** One database, open for work. Holds no connection between calls. */
export interface Engine {
  readonly kind: string;
  readonly target: Target;
  /** What can be said beforehand: versions, size, tools, privileges, room. */
  inspect(purpose: 'backup' | 'restore' | 'doctor', work: Work): Promise<Inspection>;
  backup(request: BackupRequest, sink: ArtifactSink, work: Work): Promise<BackupOutcome>;
  /** Reads everything to its end and changes nothing. Throws only when nobody can say what there is to read. */
  assess(work: Work): Promise<DamageReport>;
  salvage(request: SalvageRequest, sink: ArtifactSink, work: Work): Promise<SalvageOutcome>;
  planRestore(request: RestoreRequest, source: BackupSource, work: Work): Promise<RestorePlan>;
  /**
   * Creates the copy beside and runs every statement of the backup; throws, and removes the copy, if one fails. In place the
   * copy is the database itself in a transaction that `adopt` commits.
   */
  restore(
    plan: RestorePlan,
    source: BackupSource,
    work: Work,
    /** In place: called when nobody can write to the database any more, and nothing was changed yet. */
    whenStill?: () => Promise<void>,
  ): Promise<RestoredCopy>;
  /** Absent: a backup holds nothing but the database. */
  readonly globals?: GlobalsFace;
  planTables(request: TableRequest, source: BackupSource, work: Work): Promise<Pick<RestorePlan, 'steps' | 'findings'>>;
  restoreTables(request: TableRequest, source: BackupSource, work: Work): Promise<readonly RestoredTable[]>;
  /** Newest first. */
  kept(work: Work): Promise<readonly KeptDatabase[]>;
  /** Swaps the newest kept database back; the present one becomes the kept one. */
  undo(work: Work): Promise<Adoption>;
  dropKept(name: string, work: Work): Promise<void>;
  /** What an interrupted run left on the target, named with the command that removes it. */
  leftovers(work: Work): Promise<readonly Finding[]>;
}

export type ScratchPlace =
  /** A throwaway server of ours, from binaries on this machine. */
  | { readonly kind: 'local' }
  /** A scratch database, created and dropped, on the server the URL names. */
  | { readonly kind: 'server'; readonly target: TargetSpec }
  /** The named database itself, created if it is not there, replaced if it is, and left standing. */
  | { readonly kind: 'staging'; readonly target: TargetSpec };

/** One database of a server, as it was found. */
export interface ServerDatabase {
  readonly name: string;
  readonly target: TargetSpec;
}

/**
 * Why a database is no part of a whole server: a pattern names it; it is a template; nobody may connect to it; its creation or
 * removal was interrupted; it is a copy that a restore or a drill of ours made or kept.
 */
export type LeftOutReason = 'excluded' | 'template' | 'no-connections' | 'invalid' | 'ours';

export interface ServerListing {
  /** For people, without password: `db.example.com:5432`. */
  readonly server: string;
  /** By name. Also those that the user may not connect to: what becomes of them is the caller's to say. */
  readonly databases: readonly ServerDatabase[];
  readonly leftOut: readonly { readonly name: string; readonly why: LeftOutReason }[];
  /** Patterns that name no database. */
  readonly unmatched: readonly string[];
}

/** Databases of one server, for kinds of databases that live together on servers. */
export interface ServerFace {
  /** Every database there is now. `exclude` are patterns as psql reads them. Throws `pattern-invalid` (2). */
  list(target: TargetSpec, exclude: readonly string[], work: Work): Promise<ServerListing>;
  /** Another database of the server that the target names. */
  targetOf(target: TargetSpec, database: string): TargetSpec;
}

export interface ExtractFormat {
  /** `sql`, `sql.gz`, `dump`, `db`: the ending that other scripts expect. */
  readonly name: string;
  readonly gzip: boolean;
}

/** Everything of an engine that needs no living database. */
export interface EngineModule {
  readonly kind: string;
  /** What a backup of this engine is: part of its id, which is made before its first byte. */
  readonly backupKind: BackupKind;
  /** True when this engine speaks for the URL. */
  accepts(url: string): boolean;
  open(target: TargetSpec): Engine;
  /** Absent: a database is all that an address names. */
  readonly server?: ServerFace;
  /** Restores into a scratch place. The copy is disposed by the caller; a staging copy stays. */
  scratch(place: ScratchPlace, source: BackupSource, work: Work): Promise<RestoredCopy>;
  /**
   * Checks an artifact's inside without a restore, from its plain bytes: container, table of contents, rows against
   * the fingerprint. Reads `bytes` to the end.
   */
  checkArtifact(
    artifact: ArtifactRecord,
    bytes: AsyncIterable<Uint8Array>,
    manifest: Manifest,
    fingerprint: Fingerprint | null,
    work: Work,
  ): Promise<readonly Finding[]>;
  /** What `extract` can write from this backup, the usual one first. */
  extractFormats(manifest: Manifest): readonly ExtractFormat[];
  extract(format: ExtractFormat, source: BackupSource, work: Work): AsyncIterable<Uint8Array>;
  /** The body of `RESTORE.txt`: commands of stock tools, filled in for this backup. */
  restoreInstructions(manifest: Manifest): string;
  /** The order to read artifacts in when restoring: the first of these roles that the backup has. */
  readonly restoreRoles: readonly ArtifactRole[];
  /** Files of this kind of database that other programs made. */
  readonly foreign: ForeignReader;
  /** Stops and removes what dead runs of ours left on this machine; says what it was. */
  sweepLocal(work: Work): Promise<readonly Finding[]>;
}
