/** Objects small enough to be held whole: JSON, text. */

import { HoldfastError } from '../domain/error.ts';
import type { Store } from '../storage/store.ts';

/** Far above what the largest manifest takes. */
const largestBytes = 16 * 1024 * 1024;

/** Null when it is not there. */
export async function readSmall(store: Store, key: string, signal: AbortSignal): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  try {
    let total = 0;
    for await (const chunk of store.get(key, undefined, signal)) {
      total += chunk.length;
      // It cannot be right: its beginning is enough to find that out.
      if (total > largestBytes) return chunks[0] === undefined ? Buffer.alloc(0) : Buffer.from(chunks[0]);
      chunks.push(Buffer.from(chunk));
    }
  } catch (thrown) {
    if (thrown instanceof HoldfastError && thrown.code === 'object-missing') return null;
    throw thrown;
  }
  return Buffer.concat(chunks);
}

/** False when there was one already. */
export async function putIfAbsent(store: Store, key: string, bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
  try {
    await store.put(key, bytes, { ifAbsent: true, signal });
    return true;
  } catch (thrown) {
    if (thrown instanceof HoldfastError && thrown.code === 'object-exists') return false;
    throw thrown;
  }
}

/** Works on `limit` items at a time; results in the order of the items. The first error ends it. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failed = false;
  const drain = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, drain));
  return results;
}
