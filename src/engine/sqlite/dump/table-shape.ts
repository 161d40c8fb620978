/** How the rows of a table are read and written again without loss. */

import type { DatabaseSync } from 'node:sqlite';
import { storedColumns } from '../fingerprint/schema.ts';
import { quoteIdentifier } from '../quote.ts';

export interface TableShape {
  /** Stored columns. */
  readonly columns: readonly string[];
  /** Every column is stored, so that an INSERT needs no list of columns. */
  readonly isPlain: boolean;
  /** The name under which the hidden row number can be had; null when there is none or a column shows it. */
  readonly rowNumber: string | null;
}

export function readTableShape(database: DatabaseSync, table: string, schema = 'main'): TableShape {
  const columns = storedColumns(database, table, schema);
  const all = database.prepare('SELECT count(*) AS n FROM pragma_table_xinfo(?, ?)').get(table, schema);
  return { columns, isPlain: all?.['n'] === columns.length, rowNumber: hiddenRowNumber(database, table, schema) };
}

/** True unless the row numbers are 1, 2, 3 …, as they are when the rows are inserted in order. */
export function hasOddRowNumbers(database: DatabaseSync, table: string, rowNumber: string): boolean {
  const sql = `SELECT min(${rowNumber}) IS NOT 1 OR max(${rowNumber}) IS NOT count(*) AS odd FROM ${quoteIdentifier(table)} NOT INDEXED`;
  return database.prepare(sql).get()?.['odd'] === 1;
}

/**
 * Tables WITHOUT ROWID have none; an INTEGER PRIMARY KEY is it, except for the historical `INTEGER PRIMARY KEY DESC`, which
 * has an index of its own (https://sqlite.org/lang_createtable.html#rowid).
 */
function hiddenRowNumber(database: DatabaseSync, table: string, schema: string): string | null {
  const list = database.prepare('SELECT wr FROM pragma_table_list(?) WHERE schema = ?').get(table, schema);
  if (list?.['wr'] !== 0) return null;
  const columns = database
    .prepare('SELECT name, upper(type) AS type, pk FROM pragma_table_xinfo(?, ?)')
    .all(table, schema) as unknown as readonly { readonly name: string; readonly type: string; readonly pk: number }[];
  const keys = columns.filter((column) => column.pk > 0);
  const ownIndex = database.prepare("SELECT 1 FROM pragma_index_list(?, ?) WHERE origin = 'pk'").get(table, schema);
  if (keys.length === 1 && keys[0]?.type === 'INTEGER' && ownIndex === undefined) return null;
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}
