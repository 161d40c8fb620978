/**
 * A piped archive on its way into a file that pg_restore can read with several jobs. The bytes are scanned as they are
 * written, and when the last one has passed, the places of the data blocks are filled into the file's table of contents:
 * without them each job of pg_restore would search the whole file (pg_backup_custom.c, _PrintTocData).
 */

import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Work } from '../../../../domain/work.ts';
import { freeBytesAt } from '../../../../system/free-space.ts';
import { makeTemporaryDirectory } from '../../../../system/temporary-directory.ts';
import { startArchiveScanner, type ArchiveScan, type ArchiveScanner } from '../../archive/archive-scanner.ts';
import { offsetPatches } from '../../archive/patch-offsets.ts';
import type { ArchiveToc } from '../../archive/toc.ts';

export interface ArchiveSpool extends AsyncDisposable {
  readonly path: string;
  /** The folder it is in, for what else pg_restore needs as a file. */
  readonly directory: string;
  /** Resolves when the file's head can be read; the rest is still being written. */
  readonly toc: Promise<ArchiveToc>;
  /** Resolves when the file is whole, checked and has its offsets. */
  readonly complete: Promise<ArchiveScan>;
}

/** What else lands on the disk meanwhile must fit too. */
const spareBytes = 64 * 1024 * 1024;

/** The folder with room for a file of this size: the system's temporary folder, else one of `others`; null when none. */
export async function chooseSpoolPlace(plainBytes: number, others: readonly string[]): Promise<string | null> {
  for (const place of [tmpdir(), ...others]) {
    if ((await freeBytesAt(place)) >= plainBytes + spareBytes) return place;
  }
  return null;
}

/** Starts writing at once. Disposing stops that and removes the file. */
export async function spoolArchive(
  bytes: AsyncIterable<Uint8Array>,
  place: string,
  totalBytes: number,
  work: Work,
): Promise<ArchiveSpool> {
  const stopping = new AbortController();
  const signal = AbortSignal.any([work.signal, stopping.signal]);
  const directory = await makeTemporaryDirectory('restore', place);
  const path = join(directory.path, 'archive');
  const head = Promise.withResolvers<ArchiveToc>();
  const complete = writeAll(bytes, path, totalBytes, { ...work, signal }, head);
  complete.catch(head.reject);
  // Whoever waits for one of the two hears of the failure there; the other must not end the process.
  head.promise.catch(() => undefined);
  return {
    path,
    directory: directory.path,
    toc: head.promise,
    complete,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await Promise.allSettled([complete]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function writeAll(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  totalBytes: number,
  work: Work,
  head: PromiseWithResolvers<ArchiveToc>,
): Promise<ArchiveScan> {
  await using scanner = startArchiveScanner({ hashRows: false, signal: work.signal });
  const file = await open(path, 'wx', 0o600);
  try {
    await copyThrough(bytes, file, scanner, totalBytes, work, head);
    const scan = await scanner.finish();
    for (const patch of offsetPatches(scan.toc, scan.dataOffsets)) {
      await file.write(patch.bytes, 0, patch.bytes.length, patch.position);
    }
    head.resolve(scan.toc);
    return scan;
  } finally {
    await file.close();
  }
}

async function copyThrough(
  bytes: AsyncIterable<Uint8Array>,
  file: FileHandle,
  scanner: ArchiveScanner,
  totalBytes: number,
  work: Work,
  head: PromiseWithResolvers<ArchiveToc>,
): Promise<void> {
  const known: { toc: ArchiveToc | null } = { toc: null };
  scanner.toc.then(
    (toc) => {
      known.toc = toc;
    },
    (reason: unknown) => {
      head.reject(reason);
    },
  );
  let doneBytes = 0;
  for await (const chunk of bytes) {
    work.signal.throwIfAborted();
    await Promise.all([writeWhole(file, chunk, doneBytes), scanner.push(chunk)]);
    doneBytes += chunk.length;
    work.report({ kind: 'bytes', doneBytes, totalBytes });
    if (known.toc !== null && doneBytes >= known.toc.headerBytes) head.resolve(known.toc);
  }
  work.signal.throwIfAborted();
}

async function writeWhole(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}
