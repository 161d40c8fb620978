/** Creates a table in the living database and fills it from another: its statement, its rows, its counter. */

import type { DatabaseSync } from 'node:sqlite';
import { readTableShape } from '../dump/table-shape.ts';
import { sqliteErrors } from '../errors.ts';
import { readSchema } from '../fingerprint/schema.ts';
import { quoteIdentifier } from '../quote.ts';
import type { Statement } from './rename-statements.ts';

/** The name under which the image is attached. */
export const imageSchema = 'holdfast_image';

export interface RowSource {
  readonly schema: 'main' | typeof imageSchema;
  readonly table: string;
}

/** The rows are counted on both sides; returns how many. */
export function placeTable(database: DatabaseSync, table: Statement, source: RowSource): number {
  requireFreeName(database, table.name);
  database.exec(table.sql);
  const { columns, rowNumber } = readTableShape(database, source.table, source.schema);
  const names = [...(rowNumber === null ? [] : [rowNumber]), ...columns.map(quoteIdentifier)].join(', ');
  const from = `${source.schema}.${quoteIdentifier(source.table)}`;
  database.exec(`INSERT INTO main.${quoteIdentifier(table.name)} (${names}) SELECT ${names} FROM ${from} NOT INDEXED`);
  const [rows, expected] = [countRows(database, 'main', table.name), countRows(database, source.schema, source.table)];
  if (rows !== expected) {
    const message = `table ${table.name}: ${String(rows)} rows arrived of ${String(expected)}`;
    throw sqliteErrors.make('image-differs', message);
  }
  setCounter(database, table.name, source);
  return rows;
}

/** Creates an index or a trigger under a name that must be free. */
export function placeObject(database: DatabaseSync, object: Statement): void {
  requireFreeName(database, object.name);
  database.exec(object.sql);
}

/** Throws unless nothing in the living database has the name. */
function requireFreeName(database: DatabaseSync, name: string): void {
  const lower = name.toLowerCase();
  if (!readSchema(database).some((entry) => entry.name.toLowerCase() === lower)) return;
  throw sqliteErrors.make('sqlite-target-exists', `the database has a ${name} already`);
}

function countRows(database: DatabaseSync, schema: string, table: string): number {
  const sql = `SELECT count(*) AS n FROM ${schema}.${quoteIdentifier(table)} NOT INDEXED`;
  return Number(database.prepare(sql).get()?.['n']);
}

/** AUTOINCREMENT goes on where it was, even beyond rows that were deleted. */
function setCounter(database: DatabaseSync, table: string, source: RowSource): void {
  if (!readSchema(database, source.schema).some((entry) => entry.name === 'sqlite_sequence')) return;
  const counter = database.prepare(`SELECT seq FROM ${source.schema}.sqlite_sequence WHERE name = ?`);
  counter.setReadBigInts(true);
  const seq = counter.get(source.table)?.['seq'];
  if (seq === undefined) return;
  database.prepare('DELETE FROM main.sqlite_sequence WHERE name = ?').run(table);
  database.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(table, seq);
}
