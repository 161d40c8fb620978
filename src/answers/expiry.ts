/** What the rules for keeping backups came to, as plain data. */

import type { BackupState } from '../domain/backup.ts';
import type { Fate } from '../domain/retention-plan.ts';
import type { Decision, ExpiryResult, SweptFolder } from '../operations/expiry.ts';
import { sizesOf } from './stored-backup.ts';

export interface ExpiryAnswer {
  readonly database: string;
  /** How many stay. */
  readonly kept: number;
  /** Ids that were hidden now (in a dry run: would be). */
  readonly expired: readonly string[];
  /** Ids that are hidden and whose bytes are still there. */
  readonly waiting: readonly string[];
  /** Ids whose bytes went. */
  readonly removed: readonly string[];
  readonly removedBytes: number;
  /** Unfinished folders that went. */
  readonly swept: readonly SweptFolder[];
  /** Why nothing of it was done; empty when it was. */
  readonly stopped: readonly { readonly code: string; readonly message: string }[];
}

/** One backup, and why it stays or goes. */
export interface DecisionAnswer {
  readonly database: string;
  readonly id: string;
  readonly fate: Fate;
  readonly reasons: readonly string[];
  readonly state: BackupState;
  readonly label: string | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly storedBytes: number;
}

export function expiryAnswer(result: ExpiryResult): ExpiryAnswer {
  const { database, kept, expired, removed, removedBytes, swept, stopped } = result;
  return {
    database,
    kept,
    expired,
    waiting: waitingOf(result),
    removed,
    removedBytes,
    swept,
    stopped: stopped.map(({ code, message }) => ({ code, message })),
  };
}

export function decisionAnswer({ backup, fate, reasons }: Decision): DecisionAnswer {
  const { manifest, state } = backup;
  const { id, database, label, started } = manifest;
  return { database, id, fate, reasons, state, label, started, storedBytes: sizesOf(manifest).storedBytes };
}

/** Those with a tombstone whose bytes are still there. */
export function waitingOf({ decisions, removed }: ExpiryResult): readonly string[] {
  const ids = decisions.filter(({ backup }) => backup.hold.kind === 'expired').map(({ backup }) => backup.manifest.id);
  return ids.filter((id) => !removed.includes(id));
}
