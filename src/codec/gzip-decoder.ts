/**
 * gzip members in sequence (a member's end is known only once it is decoded). Node's decoder goes from member to
 * member by itself, takes zeros behind the last one for padding and stops without a word: bytes it did not take are
 * counted.
 */

import { createGunzip, type Gunzip } from 'node:zlib';
import { codecErrors } from './errors.ts';
import { decoded, feed } from './decoder-stream.ts';

const outputChunkBytes = 256 * 1024;

export async function* decodeGzip(
  stored: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Buffer, undefined> {
  signal.throwIfAborted();
  const decoder = createGunzip({ chunkSize: outputChunkBytes });
  // Its reader gets the error too, unless it has left.
  decoder.on('error', () => undefined);
  const onAbort = (): void => {
    decoder.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const progress = { fedBytes: 0, complete: false };
  const feeding = feedAll(stored, decoder, progress);
  try {
    yield* decoded(decoder);
    if (!progress.complete || progress.fedBytes !== decoder.bytesWritten) {
      throw codecErrors.make('damaged-frame', 'bytes behind the last gzip member do not belong there');
    }
    await feeding;
    return undefined;
  } finally {
    signal.removeEventListener('abort', onAbort);
    decoder.destroy();
  }
}

interface Progress {
  fedBytes: number;
  /** Every stored byte was given to the decoder. */
  complete: boolean;
}

/** Never rejects: what stops it is given to the decoder, whose reader gets it. */
async function feedAll(stored: AsyncIterable<Uint8Array>, decoder: Gunzip, progress: Progress): Promise<void> {
  try {
    for await (const chunk of stored) {
      if (chunk.length === 0) continue;
      progress.fedBytes += chunk.length;
      if (!(await feed(decoder, chunk))) return;
    }
    if (progress.fedBytes === 0) throw codecErrors.make('damaged-frame', 'empty: there is not one gzip member');
    progress.complete = true;
    decoder.end();
  } catch (reason) {
    decoder.destroy(reason as Error);
  }
}
