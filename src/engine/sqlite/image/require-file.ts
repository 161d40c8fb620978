/** What the file system says of a database, without opening it: opening is for a job's process (`job-protocol.ts`). */

import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { sqliteErrors } from '../errors.ts';
import { hasDatabaseMagic, headerBytes } from './image-header.ts';

/** What SQLite keeps beside a database while it is used, or after a crash. */
export const sideFileEndings = ['-wal', '-shm', '-journal'] as const;

/** Every file that belongs to a database. */
export function filesOf(path: string): readonly string[] {
  return [path, ...sideFileEndings.map((ending) => path + ending)];
}

/** Throws unless there is a file that may be read and is not empty. Reads nothing of it. */
export function requireDatabaseFile(path: string): { readonly sizeBytes: number } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw sqliteErrors.make('sqlite-file-missing', `there is no file ${path}`);
  if (!stats.isFile()) {
    const hint = 'Name the database file itself.';
    throw sqliteErrors.make('sqlite-file-unreadable', `${path} is not a file`, { hint });
  }
  if (stats.size === 0) throw sqliteErrors.make('sqlite-file-empty', `${path} holds 0 bytes`);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw sqliteErrors.make('sqlite-file-unreadable', `${path} may not be read by this user`, { cause });
  }
  return { sizeBytes: stats.size };
}

/**
 * True when the file begins as a database does. Only for a job's process that has it not open yet (locks would go). To be
 * asked first: SQLite removes the log beside a file that is none.
 */
export function beginsAsDatabase(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(headerBytes);
    return hasDatabaseMagic(start.subarray(0, readSync(file, start, 0, headerBytes, 0)));
  } finally {
    closeSync(file);
  }
}
