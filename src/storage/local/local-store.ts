/**
 * A folder as a store: files 0600, folders 0700, names as they are. Whoever may read the folder can use everything in
 * it with stock tools; what others put into it is listed too.
 */

import { rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fsyncDirectory } from '../../system/atomic-file.ts';
import { freeBytesAt } from '../../system/free-space.ts';
import { storeErrors } from '../errors.ts';
import { checkKey, checkPrefix, checkRange } from '../key.ts';
import type { ByteRange, ListEntry, ListOptions, Store, StoredObject } from '../store.ts';
import { hasErrno, storeError } from './errors-of.ts';
import { factsOf, listFiles, objectOf } from './list-files.ts';
import { putFile } from './put-file.ts';
import { readExactly } from './read-file.ts';
import { findTemporary } from './temporary-files.ts';

/** The folder need not exist: it is made by the first `put`. */
export function openLocalStore(root: string): Store {
  const folder = resolve(root);
  const pathOf = (key: string): string => {
    checkKey(key);
    return join(folder, key);
  };
  return {
    label: folder,
    capabilities: { conditionalPut: true, objectLock: false, storageClasses: [] },
    put: async (key, bytes, options = {}) => {
      const path = pathOf(key);
      await explained('write', path, () => putFile(path, bytes, options));
    },
    get: (key, range, signal) => read(() => pathOf(key), range, signal),
    head: async (key, signal) => {
      const path = pathOf(key);
      signal?.throwIfAborted();
      return explained('read', path, () => headOf(key, path));
    },
    list: (prefix, options = {}) => list(folder, prefix, options),
    delete: async (key, signal) => {
      const path = pathOf(key);
      signal?.throwIfAborted();
      await explained('delete', path, () => remove(folder, path));
    },
    freeBytes: () => explained('ask for the free space of', folder, () => freeBytesAt(folder)),
    sweepInterrupted: (olderThan) => explained('clean', folder, () => sweep(folder, olderThan)),
  };
}

async function explained<T>(action: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw storeError(cause, action, path);
  }
}

async function* read(locate: () => string, range?: ByteRange, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const path = locate();
  checkRange(range);
  try {
    yield* readExactly(path, range, signal);
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT', 'ENOTDIR')) throw storeError(cause, 'read', path);
    throw storeErrors.make('object-missing', `${path} is not there`, { cause });
  }
}

async function headOf(key: string, path: string): Promise<StoredObject | null> {
  const facts = await factsOf(path);
  return facts === null ? null : objectOf(key, facts);
}

async function* list(folder: string, prefix: string, options: ListOptions): AsyncGenerator<ListEntry> {
  checkPrefix(prefix);
  options.signal?.throwIfAborted();
  try {
    yield* listFiles(folder, prefix, options);
  } catch (cause) {
    throw storeError(cause, 'list', folder);
  }
}

async function remove(root: string, path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return;
    throw cause;
  }
  let folder = dirname(path);
  await syncIfThere(folder);
  // Folders that hold nothing any more go too; the first that does ends it.
  for (; folder !== root && (await isRemoved(folder)); folder = dirname(folder)) await syncIfThere(dirname(folder));
}

/** Another run may delete the last file of the folder meanwhile, and the folder with it. */
async function syncIfThere(folder: string): Promise<void> {
  try {
    await fsyncDirectory(folder);
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
  }
}

async function isRemoved(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (cause) {
    if (hasErrno(cause, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY', 'EACCES', 'EPERM', 'ENOTDIR')) return false;
    throw cause;
  }
}

async function sweep(root: string, olderThan: Date): Promise<number> {
  let removed = 0;
  for await (const file of findTemporary(root)) {
    if (file.modified >= olderThan) continue;
    await rm(file.path, { force: true });
    removed += 1;
  }
  return removed;
}
