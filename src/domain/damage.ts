/** What still reads of a damaged database, and what does not, in the same words for every engine. */

import { countOf } from './amounts.ts';
import type { Finding } from './finding.ts';

/** A part of a table that could not be read; both ends belong to it. */
export interface LostRange {
  /** `block`: numbers of a heap's blocks; `row`: places of rows, `(12,3)`; `rowid`: SQLite's row numbers. */
  readonly unit: 'block' | 'row' | 'rowid';
  /** Decimal text: row numbers go beyond 2^53. */
  readonly first: string;
  readonly last: string;
  /** What the database said when it was read. */
  readonly error: string;
}

export interface TableReading {
  /** Unquoted; SQLite tables have the schema `main`. */
  readonly schema: string;
  readonly table: string;
  /** That read, to their last byte. */
  readonly rows: number;
  /** In the order of the table. */
  readonly lost: readonly LostRange[];
  /** Lost ranges beyond those listed. */
  readonly moreLost: number;
  /** What kept the table, or the rest of it, from being read and belongs to no range; null when nothing did. */
  readonly error: string | null;
}

export interface IndexReading {
  readonly schema: string;
  readonly table: string;
  readonly index: string;
  /** `unchecked`: nothing is known of it, for the reason in `error`. */
  readonly state: 'sound' | 'damaged' | 'unchecked';
  /** How it was looked at: `amcheck`, `index scan`. */
  readonly method: string;
  readonly error: string | null;
  /** It leads to rows that its table does not give: that is no matter of the index alone. Absent: it does not. */
  readonly leadsBeyond?: true;
}

/** Something that is neither a table's rows nor an index and could not be read: a sequence, a definition, a catalog. */
export interface ReadFailure {
  readonly what: string;
  readonly error: string;
}

export interface DamageReport {
  readonly tables: readonly TableReading[];
  readonly indexes: readonly IndexReading[];
  readonly failures: readonly ReadFailure[];
  /** What else is to be weighed: how it was read, what could not be checked. */
  readonly findings: readonly Finding[];
  readonly readBytes: number;
  readonly readMs: number;
}

/** What a salvage saved and lost: part of its fingerprint. */
export interface SalvageRecord {
  /** Where the definitions come from: `pg_dump 17.11`, `the catalogs`. */
  readonly definitions: string;
  readonly tables: readonly TableReading[];
  readonly failures: readonly ReadFailure[];
}

/** The same in numbers: part of its manifest. */
export interface SalvageTotals {
  readonly tables: number;
  readonly damagedTables: number;
  readonly rows: number;
  readonly lostRanges: number;
  readonly failures: number;
}

export function readsWhole({ lost, error }: Pick<TableReading, 'lost' | 'error'>): boolean {
  return lost.length === 0 && error === null;
}

export function salvageTotals({ tables, failures }: SalvageRecord): SalvageTotals {
  return {
    tables: tables.length,
    damagedTables: tables.filter((table) => !readsWhole(table)).length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    lostRanges: tables.reduce((sum, { lost, moreLost }) => sum + lost.length + moreLost, 0),
    failures: failures.length,
  };
}

export function lostSomething({ damagedTables, failures }: SalvageTotals): boolean {
  return damagedTables + failures > 0;
}

export function foundDamage({ tables, indexes, failures }: DamageReport): boolean {
  return (
    failures.length > 0 ||
    tables.some((table) => !readsWhole(table)) ||
    indexes.some(({ state }) => state === 'damaged')
  );
}

const units: Readonly<Record<LostRange['unit'], readonly [one: string, many: string]>> = {
  block: ['block', 'blocks'],
  row: ['row', 'rows'],
  rowid: ['rowid', 'rowids'],
};

/** `block 3`, `blocks 3 to 7`, `row (12,3)`. */
export function describeLost({ unit, first, last }: LostRange): string {
  const [one, many] = units[unit];
  return first === last ? `${one} ${first}` : `${many} ${first} to ${last}`;
}

const shownRanges = 5;

/** `blocks 3 to 7, row (12,3) and 4 more`; empty for a table that lost nothing that can be placed. */
export function describeLostRanges({ lost, moreLost }: Pick<TableReading, 'lost' | 'moreLost'>): string {
  const shown = lost.slice(0, shownRanges).map(describeLost).join(', ');
  const more = lost.length - Math.min(lost.length, shownRanges) + moreLost;
  return more === 0 ? shown : `${shown} and ${String(more)} more`;
}

/** One sentence of a salvage: `2 of 14 tables lost rows`, `every row of 14 tables was saved`. */
export function describeSalvage(totals: SalvageTotals): string {
  const { tables, damagedTables, failures } = totals;
  if (!lostSomething(totals)) return `every row of ${countOf(tables, 'table')} could be read`;
  const rows = damagedTables === 0 ? [] : [`${String(damagedTables)} of ${countOf(tables, 'table')} lost rows`];
  const others = failures === 0 ? [] : [`${countOf(failures, 'other thing')} could not be read`];
  return [...rows, ...others].join(', ');
}

/** One warning for each table that lost something, and for everything else that did not read. */
export function lossFindings({ tables, failures }: Pick<SalvageRecord, 'tables' | 'failures'>): readonly Finding[] {
  const warning = (code: string, message: string): Finding => ({ severity: 'warning', code, message, hint: '' });
  return [
    ...tables
      .filter((table) => !readsWhole(table))
      .map((table) => {
        const name = `${table.schema}.${table.table}`;
        return warning('rows-lost', `${name}: ${countOf(table.rows, 'row')} read; lost: ${describeLoss(table)}`);
      }),
    ...failures.map(({ what, error }) => warning('not-readable', `${what} could not be read: ${error}`)),
  ];
}

/** Where and why, in one line. */
export function describeLoss(table: TableReading): string {
  const ranges = describeLostRanges(table);
  const why = table.error ?? table.lost[0]?.error ?? '';
  return [ranges === '' ? 'nobody can say which rows' : ranges, why].filter((part) => part !== '').join(': ');
}

const keptRanges = 1000;

/** Collects lost ranges as they are met, in order; neighbours of one unit become one range. */
export class LostRanges {
  readonly #ranges: LostRange[] = [];
  #more = 0;

  /** `follows`: says whether the new range begins right behind the one before. */
  add(range: LostRange, follows: (before: LostRange) => boolean): void {
    const before = this.#ranges[this.#ranges.length - 1];
    if (this.#more === 0 && before?.unit === range.unit && follows(before)) {
      this.#ranges[this.#ranges.length - 1] = { ...before, last: range.last };
    } else if (this.#ranges.length < keptRanges) this.#ranges.push(range);
    else this.#more += 1;
  }

  get list(): readonly LostRange[] {
    return this.#ranges;
  }

  get more(): number {
    return this.#more;
  }
}
