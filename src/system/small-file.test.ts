import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { largestSmallFile, readSmallFile } from './small-file.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-small-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function makeFolder(path: string): Promise<void> {
  await mkdir(path);
}

it('reads a file to its end, also an empty one', async () => {
  const path = join(folder, 'file');
  const text = `ü${'x'.repeat(largestSmallFile - 2)}`;
  await writeFile(path, text);
  expect(await readSmallFile(path)).toBe(text);
  await writeFile(path, '');
  expect(await readSmallFile(path)).toBe('');
});

it('reads what a program writes into a pipe, however slowly', async () => {
  const path = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  const reading = readSmallFile(path);
  const writer = await open(path, 'w');
  await writer.write('one ');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await writer.write('two');
  await writer.close();
  expect(await reading).toBe('one two');
});

it.each([
  ['a file that is too large', (path: string) => writeFile(path, Buffer.alloc(largestSmallFile + 1)), /larger than/],
  ['a folder', makeFolder, /it is a folder/],
  ['nothing', async () => Promise.resolve(), /ENOENT/],
])('refuses %s', async (_, make, says) => {
  const path = join(folder, 'it');
  await make(path);
  await expect(readSmallFile(path)).rejects.toThrow(says);
});

it('refuses a device without end', async () => {
  await expect(readSmallFile('/dev/zero')).rejects.toThrow(/larger than/);
});

it('waits for a pipe without end only so long', async () => {
  const path = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  await expect(readSmallFile(path)).rejects.toThrow(/did not end within 8 s/);
}, 20_000);
