/** How well databases are covered, as plain data. */

import type { UnfinishedBackup, UnreadableBackup } from '../domain/backup.ts';
import type { CoveredPeriods } from '../domain/covered-periods.ts';
import type { ExitCode } from '../domain/error.ts';
import type { DatabaseHealth } from '../domain/health.ts';
import type { RunError, RunVerb } from '../domain/run.ts';
import type { SeenRun } from '../domain/run-history.ts';
import type { ListResult } from '../operations/list-backups.ts';
import type { DatabaseStatus } from '../operations/status.ts';
import { backupAnswer, holdAnswer, type BackupAnswer, type HoldAnswer } from './stored-backup.ts';

export interface UnfinishedAnswer extends Omit<UnfinishedBackup, 'hold'> {
  readonly hold: HoldAnswer | null;
}

export interface ListAnswer {
  readonly repository: string;
  /** Backups there are, also those that were not asked for. */
  readonly total: number;
  /** Newest first. */
  readonly backups: readonly BackupAnswer[];
  readonly unreadable: readonly UnreadableBackup[];
  readonly unfinished: readonly UnfinishedAnswer[];
}

export interface DatabaseStatusAnswer {
  readonly database: string;
  readonly backups: number;
  /** Those that `latest` and health count. */
  readonly counted: number;
  readonly damaged: number;
  readonly storedBytes: number;
  readonly newest: BackupAnswer | null;
  readonly newestAgeMs: number | null;
  readonly newestOfKinds: readonly BackupAnswer[];
  readonly newestProven: BackupAnswer | null;
  readonly newestProvenAgeMs: number | null;
  readonly periods: CoveredPeriods;
  readonly unfinished: readonly UnfinishedBackup[];
  readonly unreadable: readonly UnreadableBackup[];
  /** Null: nobody promised anything for it. */
  readonly health: DatabaseHealth | null;
}

/** A run that went wrong lately. */
export interface FailedRunAnswer {
  readonly id: string;
  readonly verb: RunVerb;
  readonly database: string | null;
  readonly outcome: SeenRun['outcome'];
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly durationMs: number | null;
  readonly exit: ExitCode | null;
  readonly error: RunError | null;
  readonly backup: string | null;
}

export function listAnswer(found: ListResult): ListAnswer {
  return {
    repository: found.repository,
    total: found.total,
    backups: found.backups.map(backupAnswer),
    unreadable: found.unreadable,
    unfinished: found.unfinished.map((each) => ({ ...each, hold: holdAnswer(each.hold) })),
  };
}

export function databaseStatusAnswer(each: DatabaseStatus): DatabaseStatusAnswer {
  return {
    database: each.database,
    backups: each.backups,
    counted: each.counted,
    damaged: each.damaged,
    storedBytes: each.storedBytes,
    newest: each.newest === null ? null : backupAnswer(each.newest),
    newestAgeMs: each.newestAgeMs,
    newestOfKinds: each.newestOfKinds.map(backupAnswer),
    newestProven: each.newestProven === null ? null : backupAnswer(each.newestProven),
    newestProvenAgeMs: each.newestProvenAgeMs,
    periods: each.periods,
    unfinished: each.unfinished,
    unreadable: each.unreadable,
    health: each.health,
  };
}

export function failedRunAnswer({ start, record, outcome }: SeenRun): FailedRunAnswer {
  return {
    id: start.id,
    verb: start.verb,
    database: record?.database ?? start.database,
    outcome,
    started: start.started,
    durationMs: record?.durationMs ?? null,
    exit: record?.exit ?? null,
    error: record?.error ?? null,
    backup: record?.backup ?? null,
  };
}
