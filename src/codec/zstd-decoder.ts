/**
 * zstd frames, cut by us and decoded in parallel. A small frame that states its size is decoded in one go, into just
 * that much; any other (stock `zstd` makes a whole file one frame) is streamed, its end still known from the format.
 */

import { promisify } from 'node:util';
import { createZstdDecompress, zstdDecompress, type ZstdDecompress } from 'node:zlib';
import { asDamage, decoded, feed } from './decoder-stream.ts';
import { codecErrors } from './errors.ts';
import { runAhead } from './run-ahead.ts';
import { ZstdCutter, type ZstdHeader } from './zstd-cutter.ts';

/** Larger frames are streamed. Four times what we write. */
const largestWholeBytes = 8 * 1024 * 1024;
/** What stock `zstd -d` allows without being asked (zstd(1), `--long`). */
const largestWindowBytes = 128 * 1024 * 1024;
const outputChunkBytes = 256 * 1024;
/** Buffers of this size have memory of their own; Node cuts small ones from a common piece of at most 64 KiB. */
const ownMemoryBytes = 1024 * 1024;

type Piece =
  | { readonly kind: 'whole'; readonly stored: Buffer; readonly contentBytes: number }
  | { readonly kind: 'streamed'; readonly decoder: ZstdDecompress; readonly contentBytes: number | null };

interface DecoderOptions {
  readonly signal: AbortSignal;
  readonly concurrency: number;
}

export async function* decodeZstd(
  stored: AsyncIterable<Uint8Array>,
  options: DecoderOptions,
): AsyncGenerator<Buffer, undefined> {
  const pieces = new Pieces();
  const onAbort = (): void => {
    pieces.destroy(options.signal.reason);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const begin = async (piece: Piece): Promise<Buffer | AsyncIterable<Buffer>> =>
      piece.kind === 'streamed' ? counted(piece) : decodeWhole(piece, pieces);
    for await (const piece of runAhead(pieces.cut(stored), options.concurrency, begin, options.signal)) {
      if (Buffer.isBuffer(piece)) {
        yield piece;
        giveBack(piece);
      } else yield* piece;
    }
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    pieces.destroy();
  }
  return undefined;
}

const decodeOnPool = promisify(zstdDecompress);

async function decodeWhole(piece: Piece & { kind: 'whole' }, pieces: Pieces): Promise<Buffer> {
  const { contentBytes } = piece;
  let plain: Buffer;
  try {
    plain = await decodeOnPool(piece.stored, {
      // One byte more than needed: a full buffer would send Node round once more to see whether there is more.
      chunkSize: Math.max(64, contentBytes + 1),
      maxOutputLength: Math.max(1, contentBytes),
    });
  } catch (cause) {
    throw asDamage(cause);
  } finally {
    pieces.release(piece.stored);
  }
  if (plain.length !== contentBytes) throw wrongLength(contentBytes, plain.length);
  return plain;
}

/**
 * Returns a frame's memory at once. Left to the garbage collector, megabytes outside its heap make it look through the
 * whole heap again and again.
 */
function giveBack({ length, buffer }: Buffer): void {
  if (length >= ownMemoryBytes && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

async function* counted(piece: Piece & { kind: 'streamed' }): AsyncGenerator<Buffer, undefined> {
  let bytes = 0;
  for await (const chunk of decoded(piece.decoder)) {
    bytes += chunk.length;
    yield chunk;
  }
  // Node's decoder may stop before the frame's end that we know of.
  if (!piece.decoder.writableEnded) {
    throw codecErrors.make('damaged-frame', 'a zstd frame ends before the bytes that belong to it');
  }
  if (piece.contentBytes !== null && bytes !== piece.contentBytes) throw wrongLength(piece.contentBytes, bytes);
  return undefined;
}

/** Turns stored bytes into pieces. Holds at most one frame, or feeds at most one decoder. */
class Pieces {
  readonly #decoders = new Set<ZstdDecompress>();
  readonly #free: Buffer[] = [];
  #decoder: ZstdDecompress | null = null;
  #header: ZstdHeader | null = null;
  #held: Buffer = Buffer.alloc(0);
  #heldBytes = 0;

  /** A streamed piece comes out before its bytes are fed: pull on while it is read. */
  async *cut(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
    const cutter = new ZstdCutter();
    try {
      for await (const chunk of stored) {
        for (const event of cutter.push(chunk)) {
          if (event.kind === 'begin') yield* this.#begin(event.header);
          else if (event.kind === 'part') yield* this.#take(event.bytes);
          else yield* this.#end();
        }
      }
      cutter.finish();
    } catch (reason) {
      this.#decoder?.destroy(reason as Error);
      throw reason;
    }
  }

  /** Nobody reads any more. */
  destroy(reason?: unknown): void {
    for (const decoder of this.#decoders) decoder.destroy(reason as Error | undefined);
  }

  /** A frame was decoded: its buffer serves for another one. */
  release(stored: Buffer): void {
    this.#free.push(Buffer.from(stored.buffer));
  }

  *#begin(header: ZstdHeader): Generator<Piece> {
    if (header.hasDictionary) {
      throw codecErrors.make('unsupported-frame', 'the zstd frame was made with a dictionary');
    }
    this.#header = header;
    if (header.contentBytes !== null && header.contentBytes <= largestWholeBytes) {
      this.#heldBytes = 0;
      this.#held = this.#free.pop() ?? Buffer.allocUnsafeSlow(1024 + (header.contentBytes >> 2));
    } else {
      yield this.#stream(header);
    }
  }

  async *#take(bytes: Uint8Array): AsyncGenerator<Piece> {
    const header = this.#header;
    if (this.#decoder === null && header !== null && this.#heldBytes + bytes.length > largestStored(header)) {
      // Far more blocks than content: legal, and not to be held in memory.
      yield this.#stream(header);
      await this.#feed(Buffer.from(this.#held.subarray(0, this.#heldBytes)));
    }
    if (this.#decoder === null) this.#hold(bytes);
    else await this.#feed(bytes);
  }

  *#end(): Generator<Piece> {
    const header = this.#header;
    this.#header = null;
    if (this.#decoder !== null) {
      this.#decoder.end();
      this.#decoder = null;
    } else if (header !== null) {
      const stored = this.#held.subarray(0, this.#heldBytes);
      this.#held = Buffer.alloc(0);
      yield { kind: 'whole', stored, contentBytes: header.contentBytes ?? 0 };
    }
  }

  #stream(header: ZstdHeader): Piece {
    if (header.windowBytes > largestWindowBytes) {
      const mebibytes = String(Math.ceil(header.windowBytes / 1024 / 1024));
      throw codecErrors.make('unsupported-frame', `the zstd frame needs ${mebibytes} MiB of memory to decompress`);
    }
    const decoder = createZstdDecompress({ chunkSize: outputChunkBytes });
    this.#decoder = decoder;
    this.#decoders.add(decoder);
    decoder.once('close', () => this.#decoders.delete(decoder));
    // Its reader, which may come later, gets the error too.
    decoder.on('error', () => undefined);
    return { kind: 'streamed', decoder, contentBytes: header.contentBytes };
  }

  async #feed(bytes: Uint8Array): Promise<void> {
    if (this.#decoder === null || (await feed(this.#decoder, bytes))) return;
    throw codecErrors.make('damaged-frame', 'a zstd frame ends before the bytes that belong to it');
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = needed;
  }
}

function largestStored(header: ZstdHeader): number {
  return (header.contentBytes ?? 0) * 2 + 64 * 1024;
}

function wrongLength(declared: number, actual: number): Error {
  const text = `a zstd frame holds ${String(actual)} bytes where its header says ${String(declared)}`;
  return codecErrors.make('damaged-frame', text);
}
