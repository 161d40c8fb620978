/**
 * A store with Holdfast's layout in it (docs/format.md). A backup is a folder; its manifest is written last, after every
 * other byte is durable and hashed, so that what is listed can be restored. Nothing is ever rewritten.
 */

import type { ArtifactRecord, ArtifactSink, BackupSource } from '../domain/artifact.ts';
import type { Backup, BackupBegin, Catalog } from '../domain/backup.ts';
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { BackupKind, Manifest } from '../domain/manifest.ts';
import type { DamageProblem, Mark } from '../domain/mark.ts';
import type { StoredObject } from '../storage/store.ts';
import type { FolderName } from './layout.ts';
import type { Parents } from './parents.ts';
import type { Removed } from './sweep.ts';

export interface RepositoryParts {
  readonly clock: Clock;
  readonly host: string;
  readonly writer: string;
  random(): string;
}

export interface BeginRequest {
  readonly database: string;
  readonly engine: string;
  readonly kind: BackupKind;
}

/** What the writer cannot know of a manifest. */
export type ManifestParts = Pick<
  Manifest,
  'scope' | 'label' | 'origin' | 'needs' | 'owners' | 'privileges' | 'findings'
> & { readonly fingerprint: Fingerprint | null; readonly fingerprintMode: Manifest['fingerprint']['mode'] };

export interface BackupWriter {
  readonly begin: BackupBegin;
  /** `app-20261121T020000Z`: the start of artifact names. */
  readonly stem: string;
  readonly compactTime: string;
  readonly folder: string;
  readonly sink: ArtifactSink;
  /** Those written so far. */
  readonly artifacts: readonly ArtifactRecord[];
  /**
   * Writes fingerprint, `RESTORE.txt`, `SHA256SUMS` and, last, the manifest, which is then read again. `instructions`
   * is the body of `RESTORE.txt`.
   */
  finish(parts: ManifestParts, instructions: (manifest: Manifest) => string, signal: AbortSignal): Promise<Manifest>;
  /** Removes everything that was written. Safe at any moment, also after a `finish` that failed. */
  abandon(): Promise<void>;
}

export interface ListRequest {
  /** Null: every database of the repository. */
  readonly database: string | null;
  /** So many finished ones, newest first, and the unfinished folders among them; null: all. */
  readonly newest: number | null;
}

export interface FindRequest {
  /** An id, a unique beginning of one, `latest`, `@2026-11-20T14:30`. */
  readonly name: string;
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly timeZone: string;
}

/** A file of a backup's folder, as it lies in the store. */
export interface FolderFile extends StoredObject {
  /** Without the folder. */
  readonly name: string;
}

export interface Repository {
  /** For people: a path or URL, without credentials. */
  readonly label: string;
  readonly id: string;
  /** True when `openRepository` made it just now. */
  readonly created: boolean;
  beginBackup(request: BeginRequest, signal: AbortSignal): Promise<BackupWriter>;
  /** Names with at least one folder, in order. */
  databases(signal: AbortSignal): Promise<readonly string[]>;
  list(request: ListRequest, signal: AbortSignal): Promise<Catalog>;
  /** Throws `backup-not-found` (13), `ambiguous-backup` (2), `manifest-damaged` (15). */
  find(request: FindRequest, signal: AbortSignal): Promise<Backup>;
  open(manifest: Manifest): BackupSource;
  /** Reads and hashes an artifact's stored bytes without decompressing them. Throws `damaged-artifact`. */
  hashStored(
    manifest: Manifest,
    artifact: ArtifactRecord,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void>;
  /** What is wrong with the files around the artifacts: `begin.json`, `RESTORE.txt`, `SHA256SUMS`. */
  checkFolder(manifest: Manifest, signal: AbortSignal): Promise<readonly DamageProblem[]>;
  /** Every file in the backup's folder. */
  files(manifest: Manifest, signal: AbortSignal): Promise<readonly FolderFile[]>;
  /** A small file of the folder, whole; null when it is not there. */
  readFile(manifest: Manifest, name: string, signal: AbortSignal): Promise<Buffer | null>;
  addMark(database: string, mark: Mark, signal: AbortSignal): Promise<void>;
  /** Which backups of the database others build on. */
  parents(database: string, signal: AbortSignal): Promise<Parents>;
  /** Deletes a backup whose tombstone's grace period is over; null when it may not go (any more). */
  removeExpired(name: FolderName, signal: AbortSignal): Promise<Removed | null>;
  /** Deletes what a run left that is not running any more; null when it may not go (any more). */
  removeUnfinished(name: FolderName, signal: AbortSignal): Promise<Removed | null>;
  /** Bytes that still fit; null when the store cannot tell. */
  freeBytes(): Promise<number | null>;
  /** Writes, reads and deletes a small object; answers the store's own idea of the time. */
  probe(signal: AbortSignal): Promise<{ readonly storeTime: Date }>;
}
