/**
 * A database that was copied together with its write-ahead log, or with the journal that a crash left: part of what was
 * committed is in the log. Both are copied to a place of our own and joined there; the files themselves stay as they are.
 */

import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Work } from '../../../domain/work.ts';
import { runJob } from '../job/run-job.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';

/** The shared memory beside a log is made anew by whoever opens it. */
const endings = ['-wal', '-journal'] as const;

export async function gatherDatabase(path: string, folder: string, work: Work): Promise<string | null> {
  const beside: string[] = [];
  for (const ending of endings) if ((await sizeOf(path + ending)) > 0) beside.push(ending);
  if (beside.length === 0) return null;
  const copy = join(folder, 'gathered.db');
  try {
    for (const ending of ['', ...beside]) await copyFile(path + ending, copy + ending);
  } catch (cause) {
    throw asHoldfastError(cause, path);
  }
  // Opened as a living database, SQLite rolls a journal back; closed for writing, it takes the log in.
  await runJob('describe', { path: copy, isPrivate: false }, work);
  await runJob('tidy', { path: copy }, work);
  return copy;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw asHoldfastError(cause, path);
  }
}
