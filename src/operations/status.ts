import type { Backup, UnfinishedBackup, UnreadableBackup } from '../domain/backup.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from './parts.ts';

export interface StatusRequest {
  readonly database: string | null;
}

export interface DatabaseStatus {
  readonly database: string;
  /** Backups with a readable manifest, of any scope. */
  readonly backups: number;
  readonly storedBytes: number;
  /** The newest whole one that is not damaged and not labelled `safety`; null when there is none. */
  readonly newest: Backup | null;
  readonly newestAgeMs: number | null;
  readonly newestProven: Backup | null;
  readonly newestProvenAgeMs: number | null;
  readonly unfinished: readonly UnfinishedBackup[];
  readonly unreadable: readonly UnreadableBackup[];
  readonly findings: readonly Finding[];
}

export interface StatusResult {
  readonly repository: string;
  readonly databases: readonly DatabaseStatus[];
  readonly freeBytes: number | null;
  /** Those of all databases together. */
  readonly findings: readonly Finding[];
}

export declare function status(request: StatusRequest, parts: Parts, work: Work): Promise<StatusResult>;
