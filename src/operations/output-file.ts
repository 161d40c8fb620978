/** Writes a stream of bytes to a file that is whole or absent, or to a stream that cannot take anything back. */

import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished, type Writable } from 'node:stream';
import { messageOf, type HoldfastError } from '../domain/error.ts';
import { fsyncDirectory } from '../system/atomic-file.ts';
import { operationErrors } from './errors.ts';

/** Throws `file-exists`, also when the file appeared meanwhile; `output-failed`; and what `bytes` throws. */
export async function writeFileOnce(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  options: { readonly overwrite: boolean },
): Promise<void> {
  // Known now it costs nothing; decided it is when the name is given.
  if (!options.overwrite && (await exists(path))) throw alreadyThere(path);
  const temporary = join(dirname(path), `.tmp-${basename(path).slice(0, 200)}-${randomBytes(6).toString('hex')}`);
  try {
    await writeAll(temporary, bytes);
    if (options.overwrite) await rename(temporary, path);
    else {
      await link(temporary, path);
      await rm(temporary);
    }
    await fsyncDirectory(dirname(path));
  } catch (thrown) {
    await rm(temporary, { force: true });
    if (isSystemError(thrown) && thrown.code === 'EEXIST') throw alreadyThere(path);
    throw asOutputError(path, thrown);
  }
}

/** Waits until the stream has taken each chunk; does not end it. Throws `output-failed`, and what `bytes` throws. */
export async function writeToStream(stream: Writable, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const broken = Promise.withResolvers<never>();
  // It is raced below; when it comes later it counts no more.
  broken.promise.catch(() => undefined);
  const stop = finished(stream, { readable: false }, (error) => {
    broken.reject(error ?? new Error('the stream was closed'));
  });
  try {
    for await (const chunk of bytes) {
      try {
        await Promise.race([writeChunk(stream, chunk), broken.promise]);
      } catch (cause) {
        throw operationErrors.make('output-failed', `cannot write to the stream: ${messageOf(cause)}`, { cause });
      }
    }
  } finally {
    stop();
  }
}

/** Settles when the chunk was handed over, not when it was queued: it may be reused then. */
function writeChunk(stream: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function writeAll(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      for (let written = 0; written < chunk.length; ) {
        written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (isSystemError(thrown) && thrown.code === 'ENOENT') return false;
    throw asOutputError(path, thrown);
  }
}

function isSystemError(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'syscall' in thrown;
}

function asOutputError(where: string, thrown: unknown): unknown {
  if (!isSystemError(thrown)) return thrown;
  return operationErrors.make('output-failed', `cannot write ${where}: ${messageOf(thrown)}`, { cause: thrown });
}

function alreadyThere(path: string): HoldfastError {
  return operationErrors.make('file-exists', `${path} exists already`);
}
