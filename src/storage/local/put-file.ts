/**
 * Writing one file of the local store: aside under a temporary name, fsynced, then given its name, then the folder
 * fsynced. At no moment, also not after a power cut, is there a part of it under its name.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fsyncDirectory } from '../../system/atomic-file.ts';
import { temporaryPrefix } from '../key.ts';
import type { PutOptions } from '../store.ts';
import { hasErrno } from './errors-of.ts';
import { nameIfAbsent, refuseIfThere } from './name-file.ts';

/** Written bytes are pushed to the disk this often meanwhile, so that the fsync at the end is short. */
const syncEveryBytes = 32 * 1024 * 1024;

/** A folder that is empty may be removed by a `delete` at the very moment one writes into it. */
const attempts = 5;

export async function putFile(
  path: string,
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  options: PutOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const folder = dirname(path);
  if (options.ifAbsent === true) await refuseIfThere(path);
  const { handle, temporary } = await createAside(folder);
  try {
    try {
      await writeAll(handle, bytes, options.signal);
      await handle.sync();
    } finally {
      await handle.close();
    }
    options.signal?.throwIfAborted();
    if (options.ifAbsent === true) await nameIfAbsent(temporary, path);
    else await rename(temporary, path);
  } catch (reason) {
    await rm(temporary, { force: true });
    throw reason;
  }
  await fsyncDirectory(folder);
}

async function createAside(folder: string): Promise<{ readonly handle: FileHandle; readonly temporary: string }> {
  const temporary = join(folder, `${temporaryPrefix}${String(process.pid)}-${randomBytes(8).toString('hex')}`);
  for (let attempt = 1; ; attempt += 1) {
    await makeFolderDurably(folder);
    try {
      return { handle: await open(temporary, 'wx', 0o600), temporary };
    } catch (cause) {
      if (attempt === attempts || !hasErrno(cause, 'ENOENT')) throw cause;
    }
  }
}

/** Makes missing folders (0700) from the top, and each one's name durable. */
export async function makeFolderDurably(folder: string, isAboveThere = false): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    if (hasErrno(cause, 'EEXIST')) return;
    // /proc answers so for ever, whatever is above.
    if (!hasErrno(cause, 'ENOENT') || isAboveThere || dirname(folder) === folder) throw cause;
    await makeFolderDurably(dirname(folder));
    await makeFolderDurably(folder, true);
    return;
  }
  await fsyncDirectory(dirname(folder));
}

async function writeAll(
  handle: FileHandle,
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  if (bytes instanceof Uint8Array) {
    await writeChunk(handle, bytes);
    return;
  }
  let unsyncedBytes = 0;
  let syncing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      await writeChunk(handle, chunk);
      unsyncedBytes += chunk.length;
      if (unsyncedBytes < syncEveryBytes) continue;
      unsyncedBytes = 0;
      await syncing;
      syncing = handle.datasync();
      // Awaited by the next round or below; until then it must not count as unhandled.
      syncing.catch(() => undefined);
    }
  } finally {
    // Never close a file under its own fsync; an error of it is the better one to report only when there is no other.
    await syncing.catch(() => undefined);
  }
  await syncing;
}

/** write(2) may take less than it was given. */
async function writeChunk(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written);
    written += bytesWritten;
  }
}
