/** Ways to take rows of the damaged database: counting them, with every byte read, or copying them into the new one. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { TableReading } from '../../../domain/damage.ts';
import type { TableShape } from '../dump/table-shape.ts';
import { quoteIdentifier } from '../quote.ts';
import { said, type RowTaker } from './read-rows.ts';
import { damagedSchema } from './salvage-output.ts';

/** SQLite's limits: an expression is at most 1000 deep, and a table has up to 2000 columns. */
const mostTerms = 500;

export function countTaker(database: DatabaseSync, table: string, shape: TableShape, rowid: string): RowTaker {
  // A cast makes SQLite read a value to its end; its length alone it would take from the row's header.
  const read = shape.columns.map((column) => `total(length(CAST(${quoteIdentifier(column)} AS BLOB)))`);
  const sums = Array.from({ length: Math.ceil(read.length / mostTerms) }, (_, at) =>
    read.slice(at * mostTerms, (at + 1) * mostTerms).join(' + '),
  );
  const chosen = ['count(*) AS "rows"', ...sums].join(', ');
  const select = (places: string): StatementSync =>
    database.prepare(`SELECT ${chosen} FROM ${sourceOf(table)} WHERE ${rowid} ${places}`);
  const [range, row] = [select('BETWEEN ? AND ?'), select('= ?')];
  return {
    takeRange: (first, last) => Number(range.get(first, last)?.['rows'] ?? 0),
    takeRow: (number) => Number(row.get(number)?.['rows'] ?? 0),
    listRowids: (first, last) => rowidsOf(database, table, rowid, first, last),
  };
}

export function copyTaker(database: DatabaseSync, table: string, shape: TableShape, rowid: string): RowTaker {
  const columns = [...(shape.rowNumber === null ? [] : [shape.rowNumber]), ...shape.columns.map(quoteIdentifier)].join(
    ', ',
  );
  const insert = (places: string): StatementSync =>
    database.prepare(
      `INSERT INTO main.${quoteIdentifier(table)} (${columns}) SELECT ${columns} FROM ${sourceOf(table)} WHERE ${rowid} ${places}`,
    );
  const [range, row] = [insert('BETWEEN ? AND ?'), insert('= ?')];
  return {
    takeRange: (first, last) => Number(range.run(first, last).changes),
    takeRow: (number) => Number(row.run(number).changes),
    listRowids: (first, last) => rowidsOf(database, table, rowid, first, last),
  };
}

/** A table whose rows have no numbers: from its beginning to the first damage, and from its end back to the last. */
export function readInOrder(database: DatabaseSync, table: string, shape: TableShape, isCopied: boolean): TableReading {
  const columns = shape.columns.map(quoteIdentifier).join(', ');
  const key = primaryKey(database, table);
  const insert = isCopied
    ? database.prepare(
        `INSERT OR IGNORE INTO main.${quoteIdentifier(table)} (${columns}) VALUES (${shape.columns.map(() => '?').join(', ')})`,
      )
    : null;
  const read = (direction: 'ASC' | 'DESC'): { readonly rows: number; readonly error: string | null } => {
    const order = key.map((column) => `${quoteIdentifier(column)} ${direction}`).join(', ');
    const statement = database.prepare(
      `SELECT ${columns} FROM ${sourceOf(table)}${order === '' ? '' : ` ORDER BY ${order}`}`,
    );
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    let rows = 0;
    try {
      for (const row of statement.iterate() as unknown as Iterable<SQLInputValue[]>) {
        rows += insert === null ? 1 : Number(insert.run(...row).changes);
      }
      return { rows, error: null };
    } catch (cause) {
      return { rows, error: said(cause) };
    }
  };
  const forward = read('ASC');
  const base = { schema: 'main', table, lost: [], moreLost: 0 };
  if (forward.error === null) return { ...base, rows: forward.rows, error: null };
  const backward = key.length === 0 ? { rows: 0, error: null } : read('DESC');
  const between = `what is between the first ${String(forward.rows)} and the last ${String(backward.rows)} rows`;
  return { ...base, rows: forward.rows + backward.rows, error: `${between} does not read: ${forward.error}` };
}

function primaryKey(database: DatabaseSync, table: string): readonly string[] {
  const rows = database
    .prepare('SELECT name FROM pragma_table_xinfo(?, ?) WHERE pk > 0 ORDER BY pk')
    .all(table, damagedSchema) as unknown as readonly { readonly name: string }[];
  return rows.map(({ name }) => name);
}

function* rowidsOf(
  database: DatabaseSync,
  table: string,
  rowid: string,
  first: bigint,
  last: bigint,
): Generator<bigint> {
  const statement = database.prepare(
    `SELECT ${rowid} AS number FROM ${sourceOf(table)} WHERE ${rowid} BETWEEN ? AND ? ORDER BY ${rowid}`,
  );
  statement.setReadBigInts(true);
  for (const row of statement.iterate(first, last) as unknown as Iterable<{ readonly number: bigint }>)
    yield row.number;
}

function sourceOf(table: string): string {
  return `${damagedSchema}.${quoteIdentifier(table)} NOT INDEXED`;
}
