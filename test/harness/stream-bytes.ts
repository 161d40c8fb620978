/** Streams of bytes for tests, and their way through the frames and back. */

import { compressFrames, decompressFrames } from '../../src/codec/frames.ts';
import type { Compression } from '../../src/domain/artifact.ts';

export const neverAborted = new AbortController().signal;

/** Gives the bytes in chunks of this size, through one buffer that is overwritten in between, as sources may do. */
export async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes);
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const part = bytes.subarray(start, start + chunkBytes);
    buffer.set(part);
    yield await Promise.resolve(buffer.subarray(0, part.length));
    buffer.fill(0xee);
  }
}

export async function compressed(plain: Uint8Array, compression: Compression, chunkBytes = 65_536): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  const options = { signal: neverAborted };
  for await (const frame of compressFrames(inChunks(plain, chunkBytes), compression, options)) frames.push(frame.bytes);
  return frames;
}

export async function decompressed(
  stored: Uint8Array,
  kind: Compression['kind'],
  chunkBytes = 65_536,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  const options = { signal: neverAborted };
  for await (const part of decompressFrames(inChunks(stored, chunkBytes), kind, options)) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** Compresses to roughly a third, and differs at every place. */
export function lifelikeBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[index] = index % 3 === 0 ? state >>> 16 : index >>> 8;
  }
  return bytes;
}

/** Everything a stream gives; of bytes a copy, since they are the reader's only until its next pull. */
export async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item instanceof Uint8Array ? (Buffer.from(item) as T & Buffer) : item);
  return items;
}

/** A stream that never says anything. */
export const silent: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
};
