/**
 * Compressed streams in independent pieces of 2 MiB: zstd frames (RFC 8878) or gzip members (RFC 1952), one after the
 * other, as stock `zstd -d` and `gzip -d` read them. Every zstd frame carries its content size and a checksum. All work
 * happens on libuv's pool; memory is bounded by the concurrency, not by the stream.
 */

import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';
import type { Compression } from '../domain/artifact.ts';
import { messageOf } from '../domain/error.ts';
import { codecErrors } from './errors.ts';
import { BufferPool, cutFrames, frameBytes } from './frame-buffers.ts';
import { decodeGzip } from './gzip-decoder.ts';
import { runAhead } from './run-ahead.ts';
import { decodeZstd } from './zstd-decoder.ts';

export interface CompressedFrame {
  /** Belongs to the reader. */
  readonly bytes: Buffer;
  readonly plainBytes: number;
}

export interface FrameOptions {
  readonly signal: AbortSignal;
  /** Frames worked on at a time; default 4. */
  readonly concurrency?: number;
}

export const defaultConcurrency = 4;

/** One output buffer that every result fits into, so that a frame is one trip to the pool (zstd.h, ZSTD_COMPRESSBOUND). */
const outputBytes = frameBytes + (frameBytes >> 8) + 1024;

/**
 * Takes chunks of any size (each may be reused once the next is asked for). An empty stream gives one empty frame, so
 * that its file is not empty. `none` cuts without compressing.
 */
export async function* compressFrames(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: FrameOptions,
): AsyncGenerator<CompressedFrame, undefined, undefined> {
  const pool = new BufferPool(frameBytes);
  const compress = compressor(compression);
  const start = async (frame: Buffer): Promise<CompressedFrame> => {
    const compressed = await compress(frame);
    if (compressed !== frame) pool.release(frame);
    return { bytes: compressed, plainBytes: frame.length };
  };
  return yield* runAhead(cutFrames(bytes, pool), options.concurrency ?? defaultConcurrency, start, options.signal);
}

/**
 * The plain bytes of what `compressFrames`, `zstd` or `gzip` wrote. Throws `damaged-frame` unless the stored bytes are
 * whole frames from the first byte to the last (a gzip file cut exactly between two members cannot be told from a
 * whole one: compare its length or hash). A chunk, given or taken, is the reader's until its next pull.
 */
export function decompressFrames(
  stored: AsyncIterable<Uint8Array>,
  kind: Compression['kind'],
  options: FrameOptions,
): AsyncIterable<Buffer> {
  const concurrency = options.concurrency ?? defaultConcurrency;
  if (kind === 'zstd') return decodeZstd(stored, { signal: options.signal, concurrency });
  return kind === 'gzip' ? decodeGzip(stored, options.signal) : passOn(stored, options.signal);
}

async function* passOn(stored: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of stored) {
    signal.throwIfAborted();
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

const zstdOnPool = promisify(zstdCompress);
const gzipOnPool: (bytes: Buffer, options: { level: number; chunkSize: number }) => Promise<Buffer> = promisify(gzip);

function compressor(compression: Compression): (frame: Buffer) => Promise<Buffer> {
  if (compression.kind === 'none') return (frame) => Promise.resolve(frame);
  const { kind, level } = compression;
  return async (frame) => {
    try {
      return await (kind === 'zstd' ? zstdFrame(frame, level) : gzipMember(frame, level));
    } catch (cause) {
      throw codecErrors.make('compression-failed', `${kind} level ${String(level)}: ${messageOf(cause)}`, { cause });
    }
  };
}

function zstdFrame(frame: Buffer, level: number): Promise<Buffer> {
  return zstdOnPool(frame, {
    chunkSize: outputBytes,
    // Node writes neither the content size nor the checksum unless asked.
    pledgedSrcSize: frame.length,
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

function gzipMember(frame: Buffer, level: number): Promise<Buffer> {
  return gzipOnPool(frame, { level, chunkSize: outputBytes });
}
