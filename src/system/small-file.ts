/**
 * Files that a person wrote: settings, secrets, checksums. They are small, and they end: what is larger, and a pipe or device that
 * does not end, is refused rather than waited for.
 */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatBytes } from '../domain/amounts.ts';
import { wallClock } from './wall-clock.ts';

export const largestSmallFile = 1024 * 1024;
/** For a pipe (`--env-file <(sops decrypt …)`): from when it is opened to its end. */
const patienceMs = 8000;
const pollMs = 20;
const chunkBytes = 64 * 1024;

/** UTF-8. Throws an `Error` in words, or that of the file system (`ENOENT`, `EACCES`). */
export async function readSmallFile(path: string): Promise<string> {
  // A pipe without a writer must not block; for files it means nothing.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (facts.isDirectory()) throw new Error('it is a folder');
    if (facts.size > largestSmallFile) throw tooLarge();
    return await readToEnd(handle, facts.isFile());
  } finally {
    await handle.close();
  }
}

async function readToEnd(handle: FileHandle, isFile: boolean): Promise<string> {
  const begunMs = wallClock.monotonicMs();
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = await readSome(handle);
    // Of a pipe nobody has written to yet, the end says nothing.
    if (chunk?.length === 0 && (isFile || total > 0)) return Buffer.concat(chunks).toString('utf8');
    if (chunk !== null && chunk.length > 0) {
      chunks.push(chunk);
      total += chunk.length;
      if (total > largestSmallFile) throw tooLarge();
    } else await sleep(pollMs);
    if (!isFile && wallClock.monotonicMs() - begunMs > patienceMs) {
      throw new Error(`it did not end within ${String(patienceMs / 1000)} s`);
    }
  }
}

/** Null when there is nothing yet. */
async function readSome(handle: FileHandle): Promise<Buffer | null> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
    return buffer.subarray(0, bytesRead);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN') return null;
    throw thrown;
  }
}

function tooLarge(): Error {
  return new Error(`it is larger than ${formatBytes(largestSmallFile)}`);
}
