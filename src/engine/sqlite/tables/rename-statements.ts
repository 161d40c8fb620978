/**
 * The statements of a table and its indexes under other names. SQLite itself rewrites them, in an empty database in memory:
 * a CHECK may name its table, a foreign key may point at it, and nobody else knows every way to write that.
 */

import { DatabaseSync } from 'node:sqlite';
import { readSchema, type SchemaEntry } from '../fingerprint/schema.ts';
import { quoteIdentifier } from '../quote.ts';
import { renameIndex } from '../dump/sql-tokens.ts';

export interface Statement {
  readonly name: string;
  readonly sql: string;
}

export interface TableStatements {
  readonly table: Statement;
  readonly indexes: readonly Statement[];
  readonly triggers: readonly Statement[];
}

/** A table's statements as a schema has them; null when there is no such ordinary table. */
export function statementsOf(schema: readonly SchemaEntry[], name: string): TableStatements | null {
  const table = schema.find((entry) => entry.type === 'table' && entry.name === name);
  if (table?.sql === undefined || table.sql === null || table.isVirtual) return null;
  const own = (type: SchemaEntry['type']): readonly Statement[] =>
    schema.flatMap((entry) =>
      entry.type === type && entry.table === name && entry.sql !== null ? [{ name: entry.name, sql: entry.sql }] : [],
    );
  return { table: { name, sql: table.sql }, indexes: own('index'), triggers: own('trigger') };
}

/** Every name gets the suffix. Triggers are left to the caller. */
export function renameStatements(
  { table, indexes }: TableStatements,
  suffix: string,
): Omit<TableStatements, 'triggers'> {
  const name = table.name + suffix;
  const memory = new DatabaseSync(':memory:', {
    enableDoubleQuotedStringLiterals: true,
    enableForeignKeyConstraints: false,
  });
  try {
    memory.exec(table.sql);
    for (const index of indexes) memory.exec(index.sql);
    memory.exec(`ALTER TABLE ${quoteIdentifier(table.name)} RENAME TO ${quoteIdentifier(name)}`);
    const renamed = statementsOf(readSchema(memory), name);
    if (renamed === null) throw new TypeError(`${name} is not there after the rename`);
    return {
      table: renamed.table,
      indexes: renamed.indexes.map((index) => {
        const indexName = index.name + suffix;
        return { name: indexName, sql: renameIndex(index.sql, quoteIdentifier(indexName)) };
      }),
    };
  } finally {
    memory.close();
  }
}
