/** What a database is made of, as its own schema table says it (https://sqlite.org/schematab.html). */

import type { DatabaseSync } from 'node:sqlite';
import type { ObjectFingerprint, SequenceFingerprint } from '../../../domain/fingerprint.ts';
import { readValue } from '../image/open-database.ts';
import { quoteIdentifier } from '../quote.ts';

export interface SchemaEntry {
  readonly type: 'table' | 'index' | 'view' | 'trigger';
  readonly name: string;
  /** The table it belongs to. */
  readonly table: string;
  /** Letter for letter as stored; null for indexes that a constraint made. */
  readonly sql: string | null;
  readonly isVirtual: boolean;
}

/** In the order of the schema table, which is the order in which it was made. */
export function readSchema(database: DatabaseSync, schema = 'main'): readonly SchemaEntry[] {
  const rows = database
    .prepare(`SELECT type, name, tbl_name AS "table", sql FROM ${quoteIdentifier(schema)}.sqlite_schema ORDER BY rowid`)
    .all() as unknown as readonly Omit<SchemaEntry, 'isVirtual'>[];
  return rows.map((row) => ({ ...row, isVirtual: row.type === 'table' && isVirtual(row.sql) }));
}

/** SQLite keeps `CREATE VIRTUAL TABLE` as its own spelling, whatever was typed. */
function isVirtual(sql: string | null): boolean {
  return sql !== null && /^CREATE\s+VIRTUAL\s/i.test(sql);
}

/** Columns that are stored: no generated ones, none that a virtual table hides (`hidden` of `table_xinfo`). */
export function storedColumns(database: DatabaseSync, table: string, schema = 'main'): readonly string[] {
  const rows = database
    .prepare('SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden = 0 ORDER BY cid')
    .all(table, schema) as unknown as readonly { readonly name: string }[];
  return rows.map((row) => row.name);
}

/** Settings that live in the file's header and travel with it. */
const settings = ['user_version', 'application_id', 'encoding', 'page_size', 'auto_vacuum'] as const;

export function readObjects(database: DatabaseSync, schema: readonly SchemaEntry[]): readonly ObjectFingerprint[] {
  const stored = schema.map((entry) => ({
    kind: entry.isVirtual ? 'virtual-table' : entry.type,
    name: shownName(entry.name),
    facts: entry.sql ?? `of ${shownName(entry.table)}`,
  }));
  const header = settings.map((name) => ({
    kind: 'setting',
    name,
    facts: String(readValue(database, `PRAGMA ${name}`)),
  }));
  return [...stored, ...header].sort((a, b) => order(a.kind, b.kind) || order(a.name, b.name));
}

/** The counters of AUTOINCREMENT (https://sqlite.org/autoinc.html). */
export function readSequences(database: DatabaseSync, schema: readonly SchemaEntry[]): readonly SequenceFingerprint[] {
  if (!schema.some((entry) => entry.name === 'sqlite_sequence')) return [];
  const rows = database
    .prepare('SELECT CAST(name AS TEXT) AS name, CAST(seq AS TEXT) AS seq FROM sqlite_sequence ORDER BY 1, 2')
    .all() as unknown as readonly { readonly name: string | null; readonly seq: string | null }[];
  return rows.map(({ name, seq }) => ({ schema: 'main', name: name ?? '', lastValue: seq ?? '', isCalled: true }));
}

/** A name as SQL would write it: quoted only when it must be. */
function shownName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quoteIdentifier(name);
}

export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
