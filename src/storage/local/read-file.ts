/** Reading one file of the local store: exactly the bytes it had when it was opened, or an error. */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { storeErrors } from '../errors.ts';
import type { ByteRange } from '../store.ts';

const chunkBytes = 512 * 1024;

/** Reads one chunk ahead. Chunks belong to the reader. */
export async function* readExactly(path: string, range?: ByteRange, signal?: AbortSignal): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  // A pipe in the place of a file must not be waited for; for files the flag means nothing.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let ahead: Promise<Buffer> | null = null;
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw storeErrors.make('object-missing', `${path} is not a file`);
    const { start, end } = within(facts.size, range);
    for (let position = start; position < end; ) {
      signal?.throwIfAborted();
      const chunk: Buffer = await (ahead ?? readAt(handle, position, end, path));
      position += chunk.length;
      ahead = position < end ? readAt(handle, position, end, path) : null;
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

async function readAt(handle: FileHandle, position: number, end: number, path: string): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - position));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  if (bytesRead === 0) throw changed(path);
  return buffer.subarray(0, bytesRead);
}

function changed(path: string): Error {
  return storeErrors.make('object-changed', `${path} changed its size while it was read`);
}
