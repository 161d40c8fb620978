/** Puts one table of the attached image into the living database: its statement, its rows, its counter. */

import type { DatabaseSync } from 'node:sqlite';
import { readTableShape } from '../dump/table-shape.ts';
import { sqliteErrors } from '../errors.ts';
import { readSchema, type SchemaEntry } from '../fingerprint/schema.ts';
import { quoteIdentifier } from '../quote.ts';

/** The name under which the image is attached. */
export const imageSchema = 'holdfast_image';

/** Creates and fills the table under the name it has in the image; returns the rows, counted on both sides. */
export function placeTable(database: DatabaseSync, entry: SchemaEntry): number {
  database.exec(entry.sql ?? '');
  const { columns, rowNumber } = readTableShape(database, entry.name, imageSchema);
  const names = [...(rowNumber === null ? [] : [rowNumber]), ...columns.map(quoteIdentifier)].join(', ');
  const table = quoteIdentifier(entry.name);
  database.exec(`INSERT INTO main.${table} (${names}) SELECT ${names} FROM ${imageSchema}.${table} NOT INDEXED`);
  const rows = countRows(database, 'main', entry.name);
  const expected = countRows(database, imageSchema, entry.name);
  if (rows !== expected) {
    const message = `table ${entry.name}: ${String(rows)} rows arrived of ${String(expected)}`;
    throw sqliteErrors.make('image-differs', message);
  }
  setCounter(database, entry.name);
  return rows;
}

export function indexesOf(
  schema: readonly SchemaEntry[],
  table: string,
): readonly (SchemaEntry & { readonly sql: string })[] {
  return ownObjects(schema, table, 'index');
}

export function triggersOf(
  schema: readonly SchemaEntry[],
  table: string,
): readonly (SchemaEntry & { readonly sql: string })[] {
  return ownObjects(schema, table, 'trigger');
}

/** Throws unless nothing in the living database has the name. */
export function requireFreeName(database: DatabaseSync, name: string): void {
  const lower = name.toLowerCase();
  if (!readSchema(database).some((entry) => entry.name.toLowerCase() === lower)) return;
  throw sqliteErrors.make('sqlite-target-exists', `the database has a ${name} already`);
}

function ownObjects(schema: readonly SchemaEntry[], table: string, type: SchemaEntry['type']) {
  return schema.flatMap((entry) =>
    entry.type === type && entry.table === table && entry.sql !== null ? [{ ...entry, sql: entry.sql }] : [],
  );
}

function countRows(database: DatabaseSync, schema: string, table: string): number {
  const sql = `SELECT count(*) AS n FROM ${schema}.${quoteIdentifier(table)} NOT INDEXED`;
  return Number(database.prepare(sql).get()?.['n']);
}

/** AUTOINCREMENT goes on where it was, even beyond rows that were deleted. */
function setCounter(database: DatabaseSync, table: string): void {
  if (!readSchema(database, imageSchema).some((entry) => entry.name === 'sqlite_sequence')) return;
  const counter = database.prepare(`SELECT seq FROM ${imageSchema}.sqlite_sequence WHERE name = ?`);
  counter.setReadBigInts(true);
  const seq = counter.get(table)?.['seq'];
  if (seq === undefined) return;
  database.prepare('DELETE FROM main.sqlite_sequence WHERE name = ?').run(table);
  database.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(table, seq);
}
