/** Which keys a store accepts: relative, `/`-separated, the same on every kind of store. */

import { storeErrors } from './errors.ts';
import type { ByteRange } from './store.ts';

/** Names that stores use for what is being written; never keys. */
export const temporaryPrefix = '.tmp-';

/** Longest key that every object store takes (Amazon S3, "Object key naming guidelines"). */
const longestKeyBytes = 1024;

/** Throws `invalid-key`. */
export function checkKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== null)
    throw storeErrors.make('invalid-key', `${JSON.stringify(key)} cannot be a stored name: ${problem}`);
}

/** A prefix to list: a key, or the start of one, or nothing. */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return;
  checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}

function problemOf(key: string): string | null {
  if (key === '') return 'it is empty';
  if (key.includes('\0')) return 'it has a NUL in it';
  if (!key.isWellFormed()) return 'it is not valid Unicode';
  if (Buffer.byteLength(key) > longestKeyBytes) return `it is longer than ${String(longestKeyBytes)} bytes`;
  for (const part of key.split('/')) {
    if (part === '') return 'a part of it is empty';
    if (part === '.' || part === '..') return 'a part of it is . or ..';
    if (part.startsWith(temporaryPrefix)) return `a part of it starts with ${temporaryPrefix}`;
  }
  return null;
}

/** Order of UTF-8 bytes, which is not that of JavaScript's UTF-16 beyond U+D7FF. */
export function compareKeys(first: string, second: string): number {
  return Buffer.compare(Buffer.from(first), Buffer.from(second));
}

/** A range that is none is a mistake of the program, not of the person. */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { start, end } = range;
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start;
  if (!isRange) throw new RangeError(`not a range of bytes: ${String(start)} to ${String(end)}`);
}
