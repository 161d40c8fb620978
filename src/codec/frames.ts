/**
 * Compressed streams in independent pieces of 2 MiB: zstd frames (RFC 8878) or gzip members (RFC 1952), one after the
 * other, as stock `zstd -d` and `gzip -d` read them.
 */

import type { Compression } from '../domain/artifact.ts';

export interface CompressedFrame {
  readonly bytes: Buffer;
  readonly plainBytes: number;
}

export interface FrameOptions {
  readonly signal: AbortSignal;
  /** Frames worked on at a time; default 4. */
  readonly concurrency?: number;
}

export declare function compressFrames(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: FrameOptions,
): AsyncIterable<CompressedFrame>;

export declare function decompressFrames(
  stored: AsyncIterable<Uint8Array>,
  kind: Compression['kind'],
  options: FrameOptions,
): AsyncIterable<Buffer>;
