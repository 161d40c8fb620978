/**
 * Locks a database so that nobody else can read or write it, with its log written back. A database in WAL mode is taken
 * out of that mode first: SQLite does so only for the last connection, which shows idle users that no lock would, and it
 * leaves no `-wal` whose removal at the end could hit the file that has the name by then.
 */

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Finding } from '../../../domain/finding.ts';
import { messageOf } from '../../../domain/error.ts';
import { sqliteErrors } from '../errors.ts';
import { readValue } from '../image/open-database.ts';
import { beginsAsDatabase, sideFileEndings } from '../image/require-file.ts';
import { asHoldfastError, isBusy, isDamage } from '../job/sqlite-failure.ts';

export interface LockedFile {
  /** It was in WAL mode, which `restoreWalMode` gives back. */
  readonly wasWal: boolean;
  readonly findings: readonly Finding[];
  release(): void;
}

/** Throws `database-in-use`. A file too damaged to be opened is not locked: nobody can use it. */
export function lockOutOthers(path: string): LockedFile {
  if (!beginsAsDatabase(path)) return notLocked(path, 'it does not begin as a database does');
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: false });
  try {
    const wasWal = leaveWalMode(database, path);
    database.exec('BEGIN EXCLUSIVE');
    if (readValue(database, 'PRAGMA journal_mode') === 'wal') throw locked(path);
    return {
      wasWal,
      findings: [],
      release: () => {
        database.close();
      },
    };
  } catch (cause) {
    database.close();
    if (isBusy(cause)) throw locked(path, cause);
    if (isDamage(cause)) return notLocked(path, messageOf(cause));
    throw asHoldfastError(cause, path);
  }
}

/** The kept file as it was: an undo brings back the same journal mode. */
export function restoreWalMode(path: string): void {
  const database = new DatabaseSync(path, { timeout: 1000, enableForeignKeyConstraints: false });
  try {
    readValue(database, 'PRAGMA journal_mode = wal');
  } finally {
    database.close();
  }
}

/** Writes back what lies beside a file that nobody has open, as its next user would. A damaged one keeps it. */
export function settleSideFiles(path: string): void {
  if (!sideFileEndings.some((ending) => existsSync(path + ending)) || !beginsAsDatabase(path)) return;
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: false });
  try {
    database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  } catch (cause) {
    if (!isDamage(cause)) throw asHoldfastError(cause, path);
  } finally {
    database.close();
  }
}

function leaveWalMode(database: DatabaseSync, path: string): boolean {
  if (readValue(database, 'PRAGMA journal_mode') !== 'wal') return false;
  const row = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  if (row?.['busy'] !== 0) throw locked(path);
  if (readValue(database, 'PRAGMA journal_mode = delete') !== 'delete') throw locked(path);
  return true;
}

function locked(path: string, cause?: unknown): Error {
  return sqliteErrors.make('database-in-use', `another program has ${path} open`, { cause });
}

function notLocked(path: string, why: string): LockedFile {
  const finding: Finding = {
    severity: 'note',
    code: 'sqlite-old-file-damaged',
    message: `the replaced file ${path} could not be opened (${why}) and is kept as it is`,
    hint: '',
  };
  return { wasWal: false, findings: [finding], release: () => undefined };
}
