/** Folders for the time of one action, ours alone (0700), named so that the next run can tell whose they were. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from './process-alive.ts';

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/** `holdfast-<purpose>-<pid>-<random>` under the system's temporary folder, or under `base`. Disposing removes it. */
export async function makeTemporaryDirectory(purpose: string, base: string = tmpdir()): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(base, `holdfast-${purpose}-${String(process.pid)}-`));
  return { path, [Symbol.asyncDispose]: () => removeTree(path) };
}

/** Those of this purpose whose process is gone. */
export async function findAbandonedDirectories(purpose: string, base: string = tmpdir()): Promise<readonly string[]> {
  const names = await readdir(base);
  return names
    .filter((name) => {
      const start = `holdfast-${purpose}-`;
      const pid = name.startsWith(start) ? /^(\d+)-[^-]+$/.exec(name.slice(start.length))?.[1] : undefined;
      return pid !== undefined && !isProcessAlive(Number(pid));
    })
    .map((name) => join(base, name));
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
