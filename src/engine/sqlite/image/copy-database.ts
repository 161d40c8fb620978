/**
 * Makes a consistent copy of a database that others may be writing to, with SQLite's online backup
 * (https://sqlite.org/backup.html), in a job's process.
 *
 * The online backup begins again whenever another process writes between two of its steps. In WAL mode a read transaction
 * held open on the copying connection pins one snapshot: every step reads that, writers are never in the way. In
 * rollback-journal mode a held transaction would make the writers' commits fail, so there each step takes its lock and
 * gives it back, with a pause in between; when the writers never leave a gap long enough, one last step copies everything.
 */

import { rmSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';
import type { FingerprintMode, TableFingerprint } from '../../../domain/fingerprint.ts';
import { readTables } from '../fingerprint/read-fingerprint.ts';
import type { JobReport } from '../job/job-protocol.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { openSource, readValue } from './open-database.ts';

export interface CopyRequest {
  readonly source: string;
  readonly image: string;
  readonly fingerprint: FingerprintMode;
  readonly lockTimeoutMs: number;
}

export interface CopyResult {
  readonly sqliteVersion: string;
  readonly journalMode: string;
  readonly pages: number;
  readonly pageSizeBytes: number;
  /** One snapshot was held from the first page to the last count. */
  readonly heldSnapshot: boolean;
  /** How often writers made the copy begin again. */
  readonly restarts: number;
  /** How long the last step kept writers waiting; 0 when they never had to. */
  readonly blockedMs: number;
  readonly rolledBack: boolean;
  /** Read from the source in the held snapshot; null where none was held or nothing is to be compared. */
  readonly tables: readonly TableFingerprint[] | null;
}

/** About 8 MiB where nobody waits; about 1 MiB where writers do. */
const heldStepBytes = 8_388_608;
const openStepBytes = 1_048_576;
/** More than a database can have. */
const everyPage = 0x7fff_ffff;
const maximumRestarts = 3;
/** A writer that retries gets in: the copy rests twice as long as it works, and never less than this. */
const minimumPauseMs = 2;

export async function copyDatabase(request: CopyRequest, report: JobReport): Promise<CopyResult> {
  using source = openSource(request.source, request.lockTimeoutMs);
  const { database } = source;
  try {
    const heldSnapshot = holdSnapshot(database);
    const pageSizeBytes = Number(readValue(database, 'PRAGMA page_size'));
    const copied = heldSnapshot
      ? await copyHeld(database, request.image, pageSizeBytes, report)
      : await copyBetweenWrites(database, request.image, pageSizeBytes, report);
    return {
      sqliteVersion: String(readValue(database, 'SELECT sqlite_version()')),
      journalMode: String(readValue(database, 'PRAGMA journal_mode')),
      pageSizeBytes,
      heldSnapshot,
      rolledBack: source.rolledBack,
      ...copied,
      tables: heldSnapshot ? readSourceTables(database, request.fingerprint, report) : null,
    };
  } catch (cause) {
    throw asHoldfastError(cause, request.source);
  }
}

/** False, and nothing held, unless the database is in WAL mode. While it is held nobody can leave that mode. */
function holdSnapshot(database: DatabaseSync): boolean {
  database.exec('BEGIN');
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
  if (readValue(database, 'PRAGMA journal_mode') === 'wal') return true;
  database.exec('COMMIT');
  return false;
}

type Copied = Pick<CopyResult, 'pages' | 'restarts' | 'blockedMs'>;

async function copyHeld(
  database: DatabaseSync,
  image: string,
  pageSizeBytes: number,
  report: JobReport,
): Promise<Copied> {
  const rate = pagesPerStep(heldStepBytes, pageSizeBytes);
  const pages = await backup(database, image, {
    rate,
    progress: ({ totalPages, remainingPages }) => {
      tell(report, totalPages, remainingPages, pageSizeBytes);
    },
  });
  return { pages, restarts: 0, blockedMs: 0 };
}

async function copyBetweenWrites(
  database: DatabaseSync,
  image: string,
  pageSizeBytes: number,
  report: JobReport,
): Promise<Copied> {
  const attempt = startAttempt(pageSizeBytes, report);
  try {
    const rate = pagesPerStep(openStepBytes, pageSizeBytes);
    const pages = await backup(database, image, { rate, progress: attempt.progress });
    return { pages, restarts: attempt.restarts(), blockedMs: 0 };
  } catch (cause) {
    if (!(cause instanceof WritersTooBusy)) throw cause;
  }
  rmSync(image, { force: true });
  const began = report.clock.monotonicMs();
  const pages = await backup(database, image, { rate: everyPage });
  return { pages, restarts: attempt.restarts(), blockedMs: Math.round(report.clock.monotonicMs() - began) };
}

class WritersTooBusy extends Error {}

function startAttempt(pageSizeBytes: number, report: JobReport) {
  let restarts = 0;
  let lastRemaining = Number.POSITIVE_INFINITY;
  let stepBegan = report.clock.monotonicMs();
  return {
    restarts: () => restarts,
    progress: ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) => {
      // Every step leaves fewer pages, unless it had to begin again.
      if (remainingPages >= lastRemaining) restarts += 1;
      if (restarts > maximumRestarts) throw new WritersTooBusy();
      lastRemaining = remainingPages;
      tell(report, totalPages, remainingPages, pageSizeBytes);
      sleepSync(Math.max(minimumPauseMs, 2 * (report.clock.monotonicMs() - stepBegan)));
      stepBegan = report.clock.monotonicMs();
    },
  };
}

/** The next step is queued as soon as the progress callback returns: only blocking in it makes a pause. */
function sleepSync(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

function pagesPerStep(stepBytes: number, pageSizeBytes: number): number {
  return Math.max(1, Math.floor(stepBytes / pageSizeBytes));
}

function tell(report: JobReport, totalPages: number, remainingPages: number, pageSizeBytes: number): void {
  const doneBytes = (totalPages - remainingPages) * pageSizeBytes;
  report.progress({ kind: 'bytes', doneBytes, totalBytes: totalPages * pageSizeBytes });
}

function readSourceTables(
  database: DatabaseSync,
  mode: FingerprintMode,
  report: JobReport,
): readonly TableFingerprint[] | null {
  if (mode === 'off') return null;
  report.progress({
    kind: 'step',
    text: mode === 'independent' ? 'reading the database a second time' : 'counting rows',
  });
  return readTables(database, mode === 'independent' ? 'content' : 'counts', null).tables;
}
