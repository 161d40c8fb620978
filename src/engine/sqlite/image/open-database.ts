/**
 * Opening SQLite files, in a job's process. Three ways: a living database to read (never written to, except that SQLite
 * itself rolls back the journal a crash left, as any reader would), a living one to write, and a private copy.
 */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions, type SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { sqliteErrors } from '../errors.ts';
import { asHoldfastError, extendedCode, primaryCode, readOnlyRollback, resultCode } from '../job/sqlite-failure.ts';
import { beginsAsDatabase, requireDatabaseFile, sideFileEndings } from './require-file.ts';

/** Old schemas hold "texts" in double quotes; foreign keys are the application's business. */
const usual: DatabaseSyncOptions = { enableDoubleQuotedStringLiterals: true, enableForeignKeyConstraints: false };

export interface OpenedSource extends Disposable {
  readonly database: DatabaseSync;
  /** A crash had left a journal, which SQLite rolled back. */
  readonly rolledBack: boolean;
}

/** Opens a living database for reading. Disposing leaves no `-wal` or `-shm` that was not there before. */
export function openSource(path: string, timeoutMs: number): OpenedSource {
  requireDatabase(path);
  const before = sideFileEndings.filter((ending) => existsSync(path + ending));
  let rolledBack = false;
  let database: DatabaseSync;
  try {
    database = openAndRead(path, { ...usual, readOnly: true, timeout: timeoutMs });
  } catch (cause) {
    if (extendedCode(cause) === readOnlyRollback) {
      rollBackJournal(path, timeoutMs);
      rolledBack = true;
      database = openAndRead(path, { ...usual, readOnly: true, timeout: timeoutMs });
    } else {
      database = openWithoutSideFiles(path, cause);
    }
  }
  return {
    database,
    rolledBack,
    [Symbol.dispose]: () => {
      database.close();
      if (!before.includes('-wal')) removeOwnSideFiles(path);
    },
  };
}

/** Opens a file of our own that nobody writes: no locks, no side files. */
export function openPrivate(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return openOrThrow(path, () => openAndRead(url, { ...usual, readOnly: true }));
}

/** Opens a living database for writing; there must be one. */
export function openForWriting(path: string, timeoutMs: number): DatabaseSync {
  requireDatabase(path);
  return openOrThrow(path, () => openAndRead(path, { ...usual, timeout: timeoutMs }));
}

/** Opens as the request says: private copies without locks, others as living databases. */
export function openForReading(request: { readonly path: string; readonly isPrivate: boolean }): OpenedSource {
  if (!request.isPrivate) return openSource(request.path, readTimeoutMs);
  requireDatabase(request.path);
  const database = openPrivate(request.path);
  return {
    database,
    rolledBack: false,
    [Symbol.dispose]: () => {
      database.close();
    },
  };
}

/** The one value of a statement such as a PRAGMA. */
export function readValue(database: DatabaseSync, sql: string): SQLOutputValue {
  const row = database.prepare(sql).get();
  return row === undefined ? null : (Object.values(row)[0] ?? null);
}

const readTimeoutMs = 5000;
const noDatabase = 'file is not a database';

/** SQLite looks at a file only when the first statement runs: this one reads header and schema. */
function openAndRead(path: string | URL, options: DatabaseSyncOptions): DatabaseSync {
  const database = new DatabaseSync(path, options);
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Looked at before SQLite opens it, which would remove a log that lies beside something else. */
function requireDatabase(path: string): void {
  requireDatabaseFile(path);
  if (!beginsAsDatabase(path)) throw sqliteErrors.make('not-a-database', `${path}: ${noDatabase}`);
}

function openOrThrow(path: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (cause) {
    throw asHoldfastError(cause, path);
  }
}

function rollBackJournal(path: string, timeoutMs: number): void {
  openOrThrow(path, () => openAndRead(path, { ...usual, timeout: timeoutMs })).close();
}

/**
 * A write-ahead log can be read only where `-shm` is there or can be made. In a folder that may not be written to, with
 * no `-shm`, nobody has the database open; without a log the file alone is the whole database.
 */
function openWithoutSideFiles(path: string, cause: unknown): DatabaseSync {
  const code = primaryCode(cause);
  const isRefused = code === resultCode.cannotOpen || code === resultCode.readOnly;
  if (!isRefused || isWritable(dirname(path)) || existsSync(`${path}-shm`)) throw asHoldfastError(cause, path);
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw sqliteErrors.make(
      'sqlite-wal-unreadable',
      `${path}-wal holds changes, and reading them needs the right to write into ${dirname(path)}`,
      { cause },
    );
  }
  return openPrivate(path);
}

/** The last connection that may write removes empty side files; a reader's leaves them (https://sqlite.org/wal.html). */
export function removeOwnSideFiles(path: string): void {
  if (!existsSync(`${path}-wal`) || !isWritable(path) || !isWritable(dirname(path))) return;
  openAndRead(path, { ...usual, timeout: 0 }).close();
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
