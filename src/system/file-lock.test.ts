import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, type LockHolder } from './file-lock.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

const holder: LockHolder = { command: 'backup app', pid: 4711, since: '2026-11-21T02:00:00.000Z' };

let folder: TemporaryDirectory;
let path: string;
beforeEach(async () => {
  folder = await makeTemporaryDirectory('lock');
  path = join(folder.path, 'app.lock');
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Another process that holds the lock until it is killed. */
async function startHolder(): Promise<ChildProcessByStdio<null, Readable, null>> {
  const url = JSON.stringify(new URL('./file-lock.ts', import.meta.url).href);
  const script = `
    const { acquireLock } = await import(${url});
    const lock = await acquireLock(${JSON.stringify(path)}, ${JSON.stringify(holder)});
    console.log('held');
    setInterval(() => lock, 1000);
  `;
  const args = ['--no-warnings', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('acquireLock', () => {
  it('keeps out a second one in the same process, and names the holder', async () => {
    await using lock = await acquireLock(path, holder);
    expect(lock).toBeDefined();
    await expect(acquireLock(path, { ...holder, command: 'restore app' })).rejects.toMatchObject({
      code: 'locked',
      exit: 11,
      message: '"backup app" (process 4711) has been running since 2026-11-21T02:00:00.000Z',
    });
  });

  it('lets go when it is disposed, once', async () => {
    const first = await acquireLock(path, holder);
    await first[Symbol.asyncDispose]();
    await using second = await acquireLock(path, holder);
    await first[Symbol.asyncDispose]();
    expect(second).toBeDefined();
    await expect(acquireLock(path, holder)).rejects.toMatchObject({ code: 'locked' });
    expect(existsSync(`${path}.holder`)).toBe(true);
  });

  it('keeps apart two processes, and is free at once when the holder is killed', async () => {
    const other = await startHolder();
    await expect(acquireLock(path, holder)).rejects.toMatchObject({ code: 'locked', message: /process 4711/ });
    other.kill('SIGKILL');
    await once(other, 'exit');
    await using lock = await acquireLock(path, holder);
    expect(lock).toBeDefined();
  });

  it('does not mind another lock beside it', async () => {
    await using first = await acquireLock(path, holder);
    await using second = await acquireLock(join(folder.path, 'other.lock'), holder);
    expect(first).not.toBe(second);
  });

  it('says what is wrong when there can be no lock', async () => {
    await expect(acquireLock(join(folder.path, 'missing', 'x'), holder)).rejects.toMatchObject({
      code: 'lock-unusable',
    });
    mkdirSync(join(folder.path, 'd'));
    await expect(acquireLock(join(folder.path, 'd'), holder)).rejects.toMatchObject({ code: 'lock-unusable' });
  });
});
