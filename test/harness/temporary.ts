/**
 * Temporary directories of tests. Their names carry the process id of their maker, so that what a killed test run left
 * is recognised and removed by the next one.
 */

import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '../../src/system/process-alive.ts';
import type { SystemUser } from '../../src/system/unprivileged-user.ts';

export interface TestDirectory extends AsyncDisposable {
  readonly path: string;
}

const namePattern = /^hft-(\d+)-/;

/** A fresh directory (short name: Unix sockets allow 107 bytes), removed when disposed; for a server, of that user. */
export async function makeTestDirectory(purpose: string, owner: SystemUser | null = null): Promise<TestDirectory> {
  const path = await mkdtemp(join(tmpdir(), `hft-${process.pid}-${purpose}-`));
  if (owner !== null) await chown(path, owner.uid, owner.gid);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** A directory that other users can enter, for files that a server's user has to read. */
export async function makeSharedDirectory(purpose: string): Promise<TestDirectory> {
  const directory = await makeTestDirectory(purpose);
  await chmod(directory.path, 0o755);
  return directory;
}

/** Removes the directories of test runs that are no more. */
export async function sweepDeadDirectories(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = namePattern.exec(name)?.[1];
    if (pid === undefined || isProcessAlive(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
