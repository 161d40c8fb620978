/** A backup as the repository shows it: its manifest, the marks beside it, and what follows from them. */

import type { BackupHold } from './backup-hold.ts';
import type { Manifest } from './manifest.ts';
import type { Mark, ProofMark, VerifiedMark } from './mark.ts';

export type BackupState = 'stored' | 'verified' | 'proven' | 'damaged';

/** Finished: it has a manifest, and the manifest is whole. */
export interface Backup {
  readonly manifest: Manifest;
  /** Where it rests, for people: `backups/app/backups/20261121T020000Z-dump-k3f9`. */
  readonly folder: string;
  readonly state: BackupState;
  /** Whether it is pinned, or on its way out. */
  readonly hold: BackupHold;
  /** Newest first. */
  readonly marks: readonly Mark[];
  /** Files beside the manifest that this version does not know, and marks that cannot be read. */
  readonly strangers: readonly string[];
  readonly newestProof: ProofMark | null;
  readonly newestVerified: VerifiedMark | null;
}

/** There is a manifest, and it cannot be used. */
export interface UnreadableBackup {
  readonly id: string;
  readonly database: string;
  readonly folder: string;
  /** `unsupported`: whole, but written by a newer version. */
  readonly state: 'damaged' | 'unsupported';
  readonly problem: string;
}

/** Begun, and no manifest: not a backup. */
export interface UnfinishedBackup {
  readonly id: string;
  readonly database: string;
  readonly folder: string;
  /** Null when `begin.json` is missing or damaged. */
  readonly begin: BackupBegin | null;
  readonly files: number;
  readonly storedBytes: number;
  /** `running`: its process lives on this machine; `dead`: it does not; `unknown`: it ran elsewhere. */
  readonly process: 'running' | 'dead' | 'unknown';
  readonly ageMs: number | null;
  /** The same since the last write in the folder. */
  readonly idleMs: number | null;
  /** What its marks say: of one that is `expired` the deletion was begun and not finished. */
  readonly hold: BackupHold;
}

/** The first file of every backup. */
export interface BackupBegin {
  readonly format: 1;
  readonly id: string;
  readonly database: string;
  readonly engine: string;
  readonly kind: Manifest['kind'];
  /** The backup this one builds on; null for those that stand alone. */
  readonly parent: string | null;
  readonly host: string;
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's; null where the system does not tell. */
  readonly startedTicks: number | null;
  readonly writer: string;
  /** ISO 8601, UTC. */
  readonly started: string;
}

/** What is in a repository, newest first in each list. */
export interface Catalog {
  /** Backups there are, also those that were not asked for (and not looked into). */
  readonly total: number;
  readonly backups: readonly Backup[];
  readonly unreadable: readonly UnreadableBackup[];
  readonly unfinished: readonly UnfinishedBackup[];
}
