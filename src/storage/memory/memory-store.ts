/** A store in this process's memory, for tests: it keeps the promises of `Store` except durability. */

import type { Clock } from '../../domain/clock.ts';
import { wallClock } from '../../system/wall-clock.ts';
import { storeErrors } from '../errors.ts';
import { checkKey, checkPrefix, checkRange, compareKeys } from '../key.ts';
import type { ByteRange, ListEntry, ListOptions, PutOptions, Store, StoredObject } from '../store.ts';

interface Held {
  readonly bytes: Buffer;
  readonly object: StoredObject;
}

const chunkBytes = 64 * 1024;

export function openMemoryStore(clock: Clock = wallClock): Store {
  const objects = new Map<string, Held>();
  return {
    label: 'memory',
    capabilities: { conditionalPut: true, objectLock: false, storageClasses: [] },
    put: async (key, bytes, options) => {
      checkKey(key);
      const whole = await gather(bytes, options);
      if (options?.ifAbsent === true && objects.has(key)) {
        throw storeErrors.make('object-exists', `${key} is in memory already`);
      }
      objects.set(key, { bytes: whole, object: { key, sizeBytes: whole.length, modified: clock.now() } });
    },
    get: (key, range, signal) => read(objects, key, range, signal),
    head: (key, signal) => {
      checkKey(key);
      signal?.throwIfAborted();
      return Promise.resolve(objects.get(key)?.object ?? null);
    },
    list: (prefix, options) => list(objects, prefix, options),
    delete: (key, signal) => {
      checkKey(key);
      signal?.throwIfAborted();
      objects.delete(key);
      return Promise.resolve();
    },
    sweepInterrupted: () => Promise.resolve(0),
    freeBytes: () => Promise.resolve(null),
  };
}

async function gather(bytes: AsyncIterable<Uint8Array> | Uint8Array, options?: PutOptions): Promise<Buffer> {
  options?.signal?.throwIfAborted();
  if (bytes instanceof Uint8Array) return Buffer.from(bytes);
  const parts: Buffer[] = [];
  for await (const chunk of bytes) {
    options?.signal?.throwIfAborted();
    parts.push(Buffer.from(chunk));
  }
  options?.signal?.throwIfAborted();
  return Buffer.concat(parts);
}

async function* read(
  objects: ReadonlyMap<string, Held>,
  key: string,
  range?: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  checkKey(key);
  checkRange(range);
  signal?.throwIfAborted();
  const held = await Promise.resolve(objects.get(key));
  if (held === undefined) throw storeErrors.make('object-missing', `${key} is not in memory`);
  const end = Math.min(range?.end ?? held.bytes.length, held.bytes.length);
  for (let start = range?.start ?? 0; start < end; start += chunkBytes) {
    signal?.throwIfAborted();
    const chunk = Buffer.from(held.bytes.subarray(start, Math.min(end, start + chunkBytes)));
    yield chunk;
    // As every store may: who keeps a chunk without copying it is found in the tests.
    chunk.fill(0);
  }
}

async function* list(
  objects: ReadonlyMap<string, Held>,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<ListEntry> {
  checkPrefix(prefix);
  const { delimiter, startAfter } = options;
  const entries = new Map<string, StoredObject | null>();
  for (const [key, held] of objects) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut === -1) entries.set(key, held.object);
    else entries.set(key.slice(0, cut + 1), null);
  }
  for (const key of [...entries.keys()].sort(compareKeys)) {
    options.signal?.throwIfAborted();
    if (startAfter !== undefined && compareKeys(key, startAfter) <= 0) continue;
    yield await Promise.resolve({ key, object: entries.get(key) ?? null });
  }
}
