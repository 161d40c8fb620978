/** Where a file's bytes are: as it lies on the disk, or as it came through standard input into a file of our own. */

import { open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { formatBytes } from '../../domain/amounts.ts';
import { messageOf } from '../../domain/error.ts';
import type { Work } from '../../domain/work.ts';
import { freeBytesAt } from '../../system/free-space.ts';
import {
  findAbandonedDirectories,
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../system/temporary-directory.ts';
import type { Parts } from '../parts.ts';
import { foreignErrors } from './errors.ts';

export interface InputFile {
  /** For people: the path as it was given, `standard input`. */
  readonly label: string;
  /** Without its folder; null for what has none. */
  readonly name: string | null;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modified: Date;
}

export type FileSource =
  /** `label`: as the person wrote it. */
  | { readonly kind: 'path'; readonly path: string; readonly label: string }
  | { readonly kind: 'stream'; readonly stream: Readable };

const chunkBytes = 512 * 1024;
/** Beyond the file, for everything else that needs the disk meanwhile. */
const spareBytes = 64 * 1024 * 1024;
const purpose = 'file';

/** A private folder for what has to be written to read the file: in the state directory, removed at the end. */
export async function makeFileFolder({ stateDirectory }: Parts): Promise<TemporaryDirectory> {
  for (const path of await findAbandonedDirectories(purpose, stateDirectory)) {
    await rm(path, { recursive: true, force: true });
  }
  return makeTemporaryDirectory(purpose, stateDirectory);
}

/** Throws `file-unreadable` (13), and for a stream `no-room-for-file`. */
export async function locateInput(source: FileSource, folder: string, parts: Parts, work: Work): Promise<InputFile> {
  if (source.kind === 'path') return locateFile(source.path, source.label);
  const path = join(folder, 'input');
  work.report({ kind: 'step', text: 'reading standard input' });
  const sizeBytes = await spool(source.stream, path, work);
  return { label: 'standard input', name: null, path, sizeBytes, modified: parts.clock.now() };
}

export async function locateFile(path: string, label: string): Promise<InputFile> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw unreadable(label, cause);
  });
  if (!facts.isFile()) throw foreignErrors.make('file-unreadable', `${label} is not a file`);
  return { label, name: basename(path), path, sizeBytes: facts.size, modified: facts.mtime };
}

/** The stored bytes. Throws `file-changed` when there are not as many as before. */
export async function* readInput(file: InputFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const handle = await open(file.path, 'r').catch((cause: unknown) => {
    throw unreadable(file.label, cause);
  });
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (let position = 0; position < file.sizeBytes; ) {
      signal.throwIfAborted();
      const length = Math.min(chunkBytes, file.sizeBytes - position);
      const { bytesRead } = await handle.read(buffer, 0, length, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if ((await handle.stat()).size !== file.sizeBytes) {
      throw foreignErrors.make('file-changed', `${file.label} changed its size while it was read`);
    }
  } finally {
    await handle.close();
  }
}

async function spool(stream: Readable, path: string, work: Work): Promise<number> {
  const { signal } = work;
  const handle = await open(path, 'wx', 0o600);
  let doneBytes = 0;
  let checkedBytes = 0;
  try {
    for await (const part of addAbortSignal(signal, stream)) {
      const chunk = part as Buffer;
      if (doneBytes >= checkedBytes) {
        await demandRoom(path, doneBytes);
        checkedBytes = doneBytes + spareBytes / 4;
      }
      await handle.writeFile(chunk);
      doneBytes += chunk.length;
      work.report({ kind: 'bytes', doneBytes, totalBytes: null });
    }
    return doneBytes;
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof Error && 'syscall' in thrown
      ? foreignErrors.make('no-room-for-file', `cannot keep standard input: ${messageOf(thrown)}`, { cause: thrown })
      : thrown;
  } finally {
    await handle.close();
  }
}

async function demandRoom(path: string, doneBytes: number): Promise<void> {
  const free = await freeBytesAt(path);
  if (free >= spareBytes) return;
  const message = `standard input does not fit: after ${formatBytes(doneBytes)} only ${formatBytes(free)} are free`;
  throw foreignErrors.make('no-room-for-file', message);
}

function unreadable(label: string, cause: unknown): Error {
  const { code } = cause as { readonly code?: unknown };
  const why = code === 'ENOENT' ? 'is not there' : `cannot be read: ${messageOf(cause)}`;
  return foreignErrors.make('file-unreadable', `${label} ${why}`, { cause });
}
