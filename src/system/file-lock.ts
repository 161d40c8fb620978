/**
 * One run at a time, per lock file. The lock is SQLite's own on that file (`BEGIN EXCLUSIVE`: fcntl(2) locks), so the
 * operating system releases it when the process dies, however it dies: there are no stale locks. Who holds it stands
 * in a file beside, for people only. The lock file itself stays: removing it would let two runs lock two files.
 */

import { readFile, rm, writeFile } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../domain/error.ts';
import { systemErrors } from './errors.ts';

export interface LockHolder {
  /** What it does: `backup app`. */
  readonly command: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

/** Disposing releases it; so does the end of the process. */
export type FileLock = AsyncDisposable;

/** Throws `locked`, naming the holder, when another run (or this very process) has it. The folder must exist. */
export async function acquireLock(path: string, holder: LockHolder): Promise<FileLock> {
  const { DatabaseSync } = await import('node:sqlite');
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw systemErrors.make('lock-unusable', `cannot open the lock file ${path}: ${messageOf(cause)}`, { cause });
  }
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) {
      throw systemErrors.make('lock-unusable', `cannot lock ${path}: ${messageOf(cause)}`, { cause });
    }
    throw systemErrors.make('locked', describe(await readHolder(path)), { cause });
  }
  return held(database, path, holder);
}

async function held(database: DatabaseSync, path: string, holder: LockHolder): Promise<FileLock> {
  try {
    await writeFile(holderPath(path), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  } catch (cause) {
    database.close();
    throw systemErrors.make('lock-unusable', `cannot write ${holderPath(path)}: ${messageOf(cause)}`, { cause });
  }
  return {
    [Symbol.asyncDispose]: async () => {
      if (!database.isOpen) return;
      try {
        await rm(holderPath(path), { force: true });
      } finally {
        database.close();
      }
    },
  };
}

/** sqlite3.h: SQLITE_BUSY is 5; extended codes have it in their low byte. */
function isBusy(cause: unknown): boolean {
  const code = (cause as { readonly errcode?: unknown }).errcode;
  return typeof code === 'number' && (code & 0xff) === 5;
}

function holderPath(path: string): string {
  return `${path}.holder`;
}

async function readHolder(path: string): Promise<LockHolder | null> {
  try {
    const value = JSON.parse(await readFile(holderPath(path), 'utf8')) as Partial<LockHolder> | null;
    const { command, pid, since } = value ?? {};
    return command === undefined || pid === undefined || since === undefined ? null : { command, pid, since };
  } catch {
    // Not written yet, or just removed: the lock itself is what counts.
    return null;
  }
}

function describe(holder: LockHolder | null): string {
  if (holder === null) return 'another run holds the lock';
  return `"${holder.command}" (process ${String(holder.pid)}) has been running since ${holder.since}`;
}
