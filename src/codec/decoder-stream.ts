/**
 * Decoding one stream that is not cut into small frames: through Node's decoder, in sequence. That decoder stops
 * without an error at what it takes for the end, and never calls back for a write it did not finish then: both are
 * found here.
 */

import type { Gunzip, ZstdDecompress } from 'node:zlib';
import { HoldfastError, messageOf } from '../domain/error.ts';
import { codecErrors } from './errors.ts';

type Decoder = Gunzip | ZstdDecompress;

/** Gives bytes to the decoder; false when it has ended or failed and takes no more (its reader learns why). */
export function feed(decoder: Decoder, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const stopped = (): void => {
      finish(false);
    };
    const finish = (taken: boolean): void => {
      decoder.off('close', stopped);
      decoder.off('end', stopped);
      resolve(taken);
    };
    if (decoder.destroyed || decoder.readableEnded) {
      resolve(false);
      return;
    }
    decoder.once('close', stopped);
    decoder.once('end', stopped);
    decoder.write(bytes, (error) => {
      finish(error === null || error === undefined);
    });
  });
}

/** What the decoder gives, until it ends; its own complaints become `damaged-frame`. */
export async function* decoded(decoder: Decoder): AsyncGenerator<Buffer, undefined> {
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (cause) {
    throw asDamage(cause);
  }
  return undefined;
}

/** Errors of the decoding library mean damaged bytes, ours stay what they are. */
export function asDamage(cause: unknown): unknown {
  if (cause instanceof HoldfastError) return cause;
  const { code } = cause as { readonly code?: unknown };
  // zlib.h Z_MEM_ERROR, zstd_errors.h memory_allocation: not the bytes' fault.
  if (code === 'Z_MEM_ERROR' || code === 'ZSTD_error_memory_allocation') {
    return codecErrors.make('unsupported-frame', `not enough memory to decompress: ${messageOf(cause)}`, { cause });
  }
  if (typeof code !== 'string' || !/^(Z_|ZSTD_|ERR_BUFFER_TOO_LARGE|ERR_ZSTD)/.test(code)) return cause;
  return codecErrors.make('damaged-frame', `the bytes cannot be decompressed: ${messageOf(cause)}`, { cause });
}
