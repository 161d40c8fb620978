/** Reading one file of the local store: exactly the bytes it had when it was opened, or an error. */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { storeErrors } from '../errors.ts';
import type { ByteRange } from '../store.ts';

const chunkBytes = 512 * 1024;

/** Reads one chunk ahead, into two buffers by turns: a chunk is the reader's until its next pull. */
export async function* readExactly(path: string, range?: ByteRange, signal?: AbortSignal): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  // A pipe in the place of a file must not be waited for; for files the flag means nothing.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let ahead: Promise<Buffer> | null = null;
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw storeErrors.make('object-missing', `${path} is not a file`);
    const { start, end } = within(facts.size, range);
    const file = { handle, path, end };
    const buffers = new ChunkBuffers(end - start);
    for (let position = start; position < end; ) {
      signal?.throwIfAborted();
      const chunk: Buffer = await (ahead ?? readAt(file, position, buffers.next()));
      position += chunk.length;
      ahead = position < end ? readAt(file, position, buffers.next()) : null;
      // Awaited in the next round or below; until then it must not count as unhandled.
      ahead?.catch(() => undefined);
      yield chunk;
    }
    if ((await handle.stat()).size !== facts.size) throw changed(path);
  } finally {
    await ahead?.catch(() => undefined);
    await handle.close();
  }
}

function within(sizeBytes: number, range: ByteRange | undefined): ByteRange {
  return range === undefined
    ? { start: 0, end: sizeBytes }
    : { start: range.start, end: Math.min(range.end, sizeBytes) };
}

class ChunkBuffers {
  readonly #sizeBytes: number;
  readonly #made: Buffer[] = [];
  #turn = 0;

  constructor(contentBytes: number) {
    this.#sizeBytes = Math.min(chunkBytes, contentBytes);
  }

  next(): Buffer {
    this.#turn = 1 - this.#turn;
    return (this.#made[this.#turn] ??= Buffer.allocUnsafeSlow(this.#sizeBytes));
  }
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  /** Where reading ends. */
  readonly end: number;
}

async function readAt({ handle, path, end }: OpenFile, position: number, into: Buffer): Promise<Buffer> {
  const { bytesRead } = await handle.read(into, 0, Math.min(into.length, end - position), position);
  if (bytesRead === 0) throw changed(path);
  return into.subarray(0, bytesRead);
}

function changed(path: string): Error {
  return storeErrors.make('object-changed', `${path} changed its size while it was read`);
}
