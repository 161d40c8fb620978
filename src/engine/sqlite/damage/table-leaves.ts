/**
 * Which row numbers lie on which page of a table, read from the interior pages of its b-tree
 * (https://sqlite.org/fileformat2.html, "B-tree Pages"). SQLite itself stops at the first damaged page; with the bounds of the
 * pages it can be asked for what lies behind.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { parseImageHeader, headerBytes } from '../image/image-header.ts';

/** Row numbers from `first` to `last`, both included, that one page holds, or a part of the tree that cannot be walked. */
export interface Leaf {
  readonly first: bigint;
  readonly last: bigint;
  /** Rows on the page; null when it is no page of a table, or the way to it is damaged. */
  readonly rows: number | null;
  /** What is wrong, where the tree itself ends. */
  readonly fault: string | null;
}

export const leastRowid = -(2n ** 63n);
export const greatestRowid = 2n ** 63n - 1n;

const interior = 0x05;
const leaf = 0x0d;
const interiorHeaderBytes = 12;
/** A tree of the largest file is not as deep (btree.c, BTCURSOR_MAX_DEPTH). */
const mostLevels = 20;

export class PageFile implements Disposable {
  readonly #file: number;
  readonly #pageBytes: number;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
    const header = Buffer.alloc(headerBytes);
    readSync(this.#file, header, 0, headerBytes, 0);
    this.#pageBytes = parseImageHeader(header)?.pageSizeBytes ?? 4096;
  }

  /** Leaves in the order of their row numbers, without gaps between them. */
  *leavesOf(root: number): Generator<Leaf> {
    yield* this.#walk(root, leastRowid, greatestRowid, 0, new Set());
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  *#walk(number: number, first: bigint, last: bigint, level: number, above: Set<number>): Generator<Leaf> {
    const page = level > mostLevels || above.has(number) ? null : this.#read(number);
    const start = number === 1 ? headerBytes : 0;
    const kind = page?.[start];
    if (page === null || (kind !== interior && kind !== leaf)) {
      yield { first, last, rows: null, fault: `page ${String(number)} is not a page of a table` };
      return;
    }
    const cells = page.readUInt16BE(start + 3);
    if (kind === leaf) {
      yield { first, last, rows: cells, fault: null };
      return;
    }
    above.add(number);
    yield* this.#walkChildren(page, start, { number, first, last, cells, level, above });
    above.delete(number);
  }

  *#walkChildren(
    page: Buffer,
    start: number,
    {
      number,
      first,
      last,
      cells,
      level,
      above,
    }: {
      readonly number: number;
      readonly first: bigint;
      readonly last: bigint;
      readonly cells: number;
      readonly level: number;
      readonly above: Set<number>;
    },
  ): Generator<Leaf> {
    let from = first;
    for (let cell = 0; cell < cells; cell += 1) {
      const pointer = start + interiorHeaderBytes + cell * 2;
      const at = pointer + 2 <= page.length ? page.readUInt16BE(pointer) : page.length;
      const key = at + 5 <= page.length ? readVarint(page, at + 4) : null;
      // Keys rise; a page where they do not is damaged, and nobody knows what is below it.
      if (key === null || key < from - 1n || key > last) {
        yield { first: from, last, rows: null, fault: `page ${String(number)} holds keys that are out of order` };
        return;
      }
      if (key >= from) yield* this.#walk(page.readUInt32BE(at), from, key, level + 1, above);
      from = key + 1n;
    }
    if (from <= last) yield* this.#walk(page.readUInt32BE(start + 8), from, last, level + 1, above);
  }

  #read(number: number): Buffer | null {
    const page = Buffer.alloc(this.#pageBytes);
    if (number < 1) return null;
    return readSync(this.#file, page, 0, this.#pageBytes, (number - 1) * this.#pageBytes) === this.#pageBytes
      ? page
      : null;
  }
}

/** One to nine bytes, the ninth with all its bits; as a signed number. Null when the page ends before it. */
export function readVarint(bytes: Buffer, start: number): bigint | null {
  let value = 0n;
  for (let length = 0; length < 9; length += 1) {
    const byte = bytes[start + length];
    if (byte === undefined) return null;
    if (length === 8) return BigInt.asIntN(64, (value << 8n) | BigInt(byte));
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
  return null;
}
