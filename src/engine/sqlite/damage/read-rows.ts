/**
 * Reads a damaged table page by page, in a job's process: many pages at once, and where that fails each alone, and of a page
 * that does not read at once each row. What to do with rows is the caller's: count them, or copy them.
 */

import { LostRanges, type TableReading } from '../../../domain/damage.ts';
import { messageOf } from '../../../domain/error.ts';
import { extendedCode } from '../job/sqlite-failure.ts';
import { greatestRowid, leastRowid, type Leaf, type PageFile } from './table-leaves.ts';

/** All of it, or an error and nothing. */
export interface RowTaker {
  /** How many rows there were. */
  takeRange(first: bigint, last: bigint): number;
  /** One row, without a look at the one behind it, which may lie on a damaged page. */
  takeRow(rowid: bigint): number;
  /** The numbers of the rows, as far as they can be listed. */
  listRowids(first: bigint, last: bigint): Iterable<bigint>;
}

const pagesAtOnce = 64;

export function readByPages(table: string, root: number, pages: PageFile, taker: RowTaker): TableReading {
  const reader = new PageReader(taker);
  let group: Leaf[] = [];
  for (const leaf of pages.leavesOf(root)) {
    group.push(leaf);
    if (group.length < pagesAtOnce) continue;
    reader.readGroup(group);
    group = [];
  }
  reader.readGroup(group);
  return reader.result(table);
}

class PageReader {
  readonly #taker: RowTaker;
  readonly #lost = new LostRanges();
  #rows = 0;

  constructor(taker: RowTaker) {
    this.#taker = taker;
  }

  result(table: string): TableReading {
    const { list, more } = this.#lost;
    return { schema: 'main', table, rows: this.#rows, lost: list, moreLost: more, error: null };
  }

  readGroup(leaves: readonly Leaf[]): void {
    const [first, last] = [leaves.at(0), leaves.at(-1)];
    if (first === undefined || last === undefined) return;
    if (this.#take(first.first, last.last) === null) return;
    for (const leaf of leaves) this.#readLeaf(leaf);
  }

  #readLeaf(leaf: Leaf): void {
    if (this.#take(leaf.first, leaf.last) === null) return;
    let next = leaf.first;
    let met = 0;
    try {
      for (const rowid of this.#taker.listRowids(leaf.first, leaf.last)) {
        const failure = this.#attempt(() => this.#taker.takeRow(rowid));
        if (failure !== null) this.#lose(rowid, rowid, failure);
        next = rowid + 1n;
        met += 1;
      }
    } catch (thrown) {
      // The page itself is whole when all of its rows came: then it is the next one that does not read.
      if (met !== leaf.rows) this.#lose(next, leaf.last, leaf.fault ?? said(thrown));
    }
  }

  #take(first: bigint, last: bigint): string | null {
    return this.#attempt(() => this.#taker.takeRange(first, last));
  }

  /** Null when it went well. */
  #attempt(take: () => number): string | null {
    try {
      this.#rows += take();
      return null;
    } catch (thrown) {
      return said(thrown);
    }
  }

  #lose(first: bigint, last: bigint, error: string): void {
    const range = { unit: 'rowid', first: rowidText(first), last: rowidText(last), error } as const;
    this.#lost.add(range, (before) => before.last === rowidText(first - 1n));
  }
}

/** What SQLite said; anything else is no damage, and thrown on. */
export function said(thrown: unknown): string {
  if (extendedCode(thrown) === null) throw thrown;
  return messageOf(thrown);
}

/** The two ends of a table, whatever its rows are numbered. */
function rowidText(rowid: bigint): string {
  return rowid <= leastRowid ? 'min' : rowid >= greatestRowid ? 'max' : rowid.toString();
}
