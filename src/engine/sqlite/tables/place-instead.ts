/**
 * Tables in the place of the living ones, which are kept as `<table>_before_<time>` with their rows, indexes and triggers
 * (a trigger of the kept table never fires: nobody writes to it). The living rows are copied and the living table dropped,
 * not renamed: a rename would take every foreign key, view and trigger that mentions the table along to the kept one
 * (https://sqlite.org/lang_altertable.html), and they must mean the restored one.
 */

import type { DatabaseSync } from 'node:sqlite';
import { sqliteErrors } from '../errors.ts';
import { readSchema } from '../fingerprint/schema.ts';
import { primaryCode, resultCode } from '../job/sqlite-failure.ts';
import { quoteIdentifier } from '../quote.ts';
import type { RestoredTable } from '../../engine.ts';
import { imageSchema, placeObject, placeTable } from './place-table.ts';
import { renameStatements, statementsOf, type TableStatements } from './rename-statements.ts';
import { renameTrigger } from '../dump/sql-tokens.ts';
import { findName } from './table-name.ts';

export function placeInstead(
  database: DatabaseSync,
  tables: readonly TableStatements[],
  time: string,
): readonly RestoredTable[] {
  const before = countViolations(database, new Set());
  const kept = tables.map(({ table }) => keepLiving(database, table.name, `_before_${time}`));
  const placed = tables.map((statements, at) => place(database, statements, kept[at] ?? null));
  const after = countViolations(database, new Set(kept.filter((name) => name !== null)));
  const broken = [...after].find(([pair, count]) => count > (before.get(pair) ?? 0));
  if (broken !== undefined) {
    const [pair, count] = broken;
    throw sqliteErrors.make('sqlite-foreign-keys', `${String(count)} rows would point at nothing: ${pair}`);
  }
  return placed;
}

/** Copies the living table to its kept name and drops it; null when there is none. */
function keepLiving(database: DatabaseSync, wanted: string, suffix: string): string | null {
  const schema = readSchema(database);
  const relations = schema
    .filter((entry) => entry.type === 'table' || entry.type === 'view')
    .map((entry) => entry.name);
  const name = findName(relations, wanted);
  if (name === null) return null;
  const living = statementsOf(schema, name);
  if (living === null) {
    throw sqliteErrors.make('sqlite-table-unsupported', `${name} is a view or a virtual table in the living database`);
  }
  const { table, indexes } = renameStatements(living, suffix);
  placeTable(database, table, { schema: 'main', table: name });
  database.exec(`DROP TABLE main.${quoteIdentifier(name)}`);
  for (const index of indexes) placeObject(database, index);
  for (const trigger of living.triggers) {
    const triggerName = trigger.name + suffix;
    const sql = renameTrigger(trigger.sql, quoteIdentifier(triggerName), quoteIdentifier(table.name));
    placeObject(database, { name: triggerName, sql });
  }
  return table.name;
}

function place(
  database: DatabaseSync,
  { table, indexes, triggers }: TableStatements,
  keptAs: string | null,
): RestoredTable {
  const rows = placeTable(database, table, { schema: imageSchema, table: table.name });
  for (const object of [...indexes, ...triggers]) placeObject(database, object);
  return { table: table.name, restoredAs: table.name, keptAs, rows, indexes: indexes.length };
}

/** Rows that point at nothing, per pair of tables; kept tables are not asked. */
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
