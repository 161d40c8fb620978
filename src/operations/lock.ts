/** Two runs that change one database, on one machine, are kept apart: the second ends with exit code 11. */

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../engine/engine.ts';
import { acquireLock, type FileLock } from '../system/file-lock.ts';
import type { Parts } from './parts.ts';

/** Throws `locked`. The key is the database itself, however it was named. */
export async function lockDatabase(parts: Parts, target: Target, verb: string): Promise<FileLock> {
  const folder = join(parts.stateDirectory, 'locks');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update(target.identity).digest('hex').slice(0, 32);
  return acquireLock(join(folder, `${name}.lock`), {
    command: `${verb} ${target.databaseName}`,
    pid: process.pid,
    since: parts.clock.now().toISOString(),
  });
}
