/**
 * Tables in the place of the living ones, which are kept as `<table>_before_<time>` with their rows, indexes and triggers
 * (a trigger of the kept table never fires: nobody writes to it). With `legacy_alter_table` a rename leaves every view,
 * trigger and foreign key that mentions the table as it is, so they mean the restored one from now on
 * (https://sqlite.org/lang_altertable.html).
 */

import type { DatabaseSync } from 'node:sqlite';
import { sqliteErrors } from '../errors.ts';
import { readSchema, type SchemaEntry } from '../fingerprint/schema.ts';
import { primaryCode, resultCode } from '../job/sqlite-failure.ts';
import { quoteIdentifier } from '../quote.ts';
import type { RestoredTable } from '../../engine.ts';
import { imageSchema, indexesOf, placeTable, requireFreeName, triggersOf } from './place-table.ts';
import { findName, renameObject } from './table-name.ts';

export function placeInstead(
  database: DatabaseSync,
  tables: readonly string[],
  time: string,
): readonly RestoredTable[] {
  const schema = readSchema(database, imageSchema);
  const before = countViolations(database, new Set());
  const kept = new Map(tables.map((name) => [name, keepLiving(database, name, time)]));
  const placed = tables.map((name) => place(database, schema, name, kept.get(name) ?? null));
  const keptNames = new Set([...kept.values()].filter((name) => name !== null));
  const broken = [...countViolations(database, keptNames)].find(([pair, count]) => count > (before.get(pair) ?? 0));
  if (broken !== undefined) {
    const [pair, count] = broken;
    throw sqliteErrors.make('sqlite-foreign-keys', `${String(count)} rows would point at nothing: ${pair}`);
  }
  return placed;
}

/** Renames the living table out of the way, and its indexes and triggers with it; null when there is none. */
function keepLiving(database: DatabaseSync, name: string, time: string): string | null {
  const living = readSchema(database).filter((entry) => entry.type === 'table' || entry.type === 'view');
  const found = findName(
    living.map((entry) => entry.name),
    name,
  );
  const entry = living.find((one) => one.name === found);
  if (entry === undefined) return null;
  if (entry.type === 'view' || entry.isVirtual) {
    throw sqliteErrors.make(
      'sqlite-table-unsupported',
      `${entry.name} is a ${entry.type === 'view' ? 'view' : 'virtual table'} in the living database`,
    );
  }
  const keptAs = `${entry.name}_before_${time}`;
  requireFreeName(database, keptAs);
  database.exec(`ALTER TABLE main.${quoteIdentifier(entry.name)} RENAME TO ${quoteIdentifier(keptAs)}`);
  const schema = readSchema(database);
  renameOwn(database, 'INDEX', indexesOf(schema, keptAs), time);
  renameOwn(database, 'TRIGGER', triggersOf(schema, keptAs), time);
  return keptAs;
}

function renameOwn(
  database: DatabaseSync,
  kind: 'INDEX' | 'TRIGGER',
  objects: readonly (SchemaEntry & { readonly sql: string })[],
  time: string,
): void {
  for (const object of objects) {
    const name = `${object.name}_before_${time}`;
    requireFreeName(database, name);
    database.exec(`DROP ${kind} main.${quoteIdentifier(object.name)}`);
    database.exec(renameObject(object.sql, quoteIdentifier(name)));
  }
}

function place(
  database: DatabaseSync,
  schema: readonly SchemaEntry[],
  name: string,
  keptAs: string | null,
): RestoredTable {
  const entry = schema.find((one) => one.type === 'table' && one.name === name);
  if (entry === undefined) throw new TypeError(`${name} is not in the image`);
  const rows = placeTable(database, entry);
  const indexes = indexesOf(schema, name);
  for (const object of [...indexes, ...triggersOf(schema, name)]) {
    requireFreeName(database, object.name);
    database.exec(object.sql);
  }
  return { table: name, restoredAs: name, keptAs, rows, indexes: indexes.length };
}

/** Rows that point at nothing, per pair of tables; kept tables are not asked. A key without its parent's index is none. */
function countViolations(database: DatabaseSync, kept: ReadonlySet<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const entry of readSchema(database)) {
    if (entry.type !== 'table' || entry.isVirtual || kept.has(entry.name)) continue;
    for (const { parent, n } of violationsOf(database, entry.name)) counts.set(`${entry.name} to ${parent}`, n);
  }
  return counts;
}

function violationsOf(
  database: DatabaseSync,
  table: string,
): readonly { readonly parent: string; readonly n: number }[] {
  try {
    return database
      .prepare("SELECT parent, count(*) AS n FROM pragma_foreign_key_check(?, 'main') GROUP BY 1")
      .all(table) as unknown as readonly { readonly parent: string; readonly n: number }[];
  } catch (cause) {
    // "foreign key mismatch": the parent has no unique index for it. SQLite cannot check such a key, nor enforce it.
    if (primaryCode(cause) === resultCode.error) return [];
    throw cause;
  }
}
