/** What data blocks are made of (pg_backup_custom.c: _StartData, _StartLOs, _CustomWriteFunc). */

import { archiveErrors } from './errors.ts';
import type { TocEntry } from './toc.ts';

/** BLK_DATA, BLK_BLOBS. */
export const dataBlock = 1;
export const objectsBlock = 3;
/** The type, then the number of the entry. */
export const blockHeaderBytes = 6;
/** A sign byte, then four bytes, the least first. */
export const intBytes = 5;

/** Null for a number that the archiver never writes. */
export function readArchiveInt(bytes: Buffer, at: number): number | null {
  const sign = bytes[at] ?? 0;
  const magnitude = bytes.readInt32LE(at + 1);
  if (sign > 1 || (sign === 1 && magnitude === 0)) return null;
  return sign === 1 ? -magnitude | 0 : magnitude;
}

export function describeEntry(entry: TocEntry): string {
  const schema = entry.namespace === '' ? '' : `${entry.namespace}.`;
  return `entry ${entry.dumpId} (${entry.desc} ${schema}${entry.tag})`;
}

export function damagedArchive(message: string): Error {
  return archiveErrors.make('damaged-archive', message);
}
