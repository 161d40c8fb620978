/** A private folder with room for a copy: where temporary files go, or else beside the database. */

import { tmpdir } from 'node:os';
import { formatBytes } from '../../../domain/amounts.ts';
import { freeBytesAt } from '../../../system/free-space.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../../system/temporary-directory.ts';
import { sqliteErrors } from '../errors.ts';

export const workingPurpose = 'sqlite';

/** The copy, and a little for everything else that needs the disk meanwhile. */
export function bytesNeeded(sizeBytes: number): number {
  return Math.ceil(sizeBytes * 1.02) + 16_777_216;
}

export async function makeWorkingFolder(sizeBytes: number, besides: string | null): Promise<TemporaryDirectory> {
  const places = [...new Set(besides === null ? [tmpdir()] : [tmpdir(), besides])];
  const needed = bytesNeeded(sizeBytes);
  for (const place of places) {
    if ((await freeBytesAt(place)) >= needed) return makeTemporaryDirectory(workingPurpose, place);
  }
  const message = `a copy needs ${formatBytes(needed)}, more than is free in ${places.join(' or ')}`;
  throw sqliteErrors.make('sqlite-no-room', message);
}
