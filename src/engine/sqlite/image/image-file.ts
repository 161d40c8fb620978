/** Image files of our own: written from an artifact, streamed out again, checked by their header. */

import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import type { ArtifactRecord, BackupSource } from '../../../domain/artifact.ts';
import type { Work } from '../../../domain/work.ts';
import { sqliteErrors } from '../errors.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { headerFault, headerBytes } from './image-header.ts';

const chunkBytes = 1_048_576;

/** The image's bytes, reported as progress. */
export async function* streamImage(path: string, work: Work): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path);
  let doneBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, signal: work.signal })) {
    const bytes = chunk as Buffer;
    yield bytes;
    doneBytes += bytes.length;
    work.report({ kind: 'bytes', doneBytes, totalBytes: size });
  }
}

/** The artifact that holds the image. */
export function imageArtifact(source: Pick<BackupSource, 'manifest'>): ArtifactRecord {
  const found = source.manifest.artifacts.find((artifact) => artifact.role === 'image');
  if (found === undefined)
    throw sqliteErrors.make('sqlite-no-image', `backup ${source.manifest.id} holds no SQLite image`);
  return found;
}

/** Writes the backup's image to a new file (0600), durably. On failure there is no file. */
export async function writeImage(source: BackupSource, path: string, work: Work): Promise<void> {
  const artifact = imageArtifact(source);
  try {
    await using file = await open(path, 'wx', 0o600);
    let doneBytes = 0;
    for await (const chunk of source.open(artifact, work)) {
      await file.writeFile(chunk);
      doneBytes += chunk.length;
      work.report({ kind: 'bytes', doneBytes, totalBytes: artifact.plainBytes });
      work.signal.throwIfAborted();
    }
    await file.sync();
    await requireWholeImage(path);
  } catch (cause) {
    await rm(path, { force: true });
    throw cause instanceof Error && 'code' in cause && 'syscall' in cause ? asHoldfastError(cause, path) : cause;
  }
}

/** Throws unless the file is one whole database by its header. */
export async function requireWholeImage(path: string): Promise<void> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await file.read(header, 0, headerBytes, 0);
  const fault = headerFault(header.subarray(0, bytesRead), size);
  if (fault !== null) throw sqliteErrors.make('sqlite-malformed', `the image ${fault}`);
}
