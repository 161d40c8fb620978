/** Tables as `<table>_restored_<time>` beside the living ones, with their indexes; triggers stay out. */

import { DatabaseSync } from 'node:sqlite';
import { readSchema } from '../fingerprint/schema.ts';
import { quoteIdentifier } from '../quote.ts';
import type { RestoredTable } from '../../engine.ts';
import { imageSchema, indexesOf, placeTable, requireFreeName } from './place-table.ts';
import { renameObject } from './table-name.ts';

function besideName(name: string, time: string): string {
  return `${name}_restored_${time}`;
}

/**
 * Renames the tables in the image, so that SQLite itself rewrites their statements and those of their indexes: a CHECK may
 * name its table, a foreign key may point at it. Views and triggers would be looked through too, and one that is broken
 * would stop it: the image is ours, they go.
 */
export function renameInImage(path: string, tables: readonly string[], time: string): void {
  const image = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true, enableForeignKeyConstraints: false });
  try {
    image.exec('PRAGMA journal_mode = delete; PRAGMA synchronous = OFF; PRAGMA legacy_alter_table = OFF');
    const others = readSchema(image).filter((entry) => entry.type === 'view' || entry.type === 'trigger');
    for (const { type, name } of [...others].sort((a, b) => (a.type < b.type ? -1 : 1))) {
      image.exec(`DROP ${type === 'view' ? 'VIEW' : 'TRIGGER'} IF EXISTS ${quoteIdentifier(name)}`);
    }
    for (const name of tables) {
      image.exec(`ALTER TABLE ${quoteIdentifier(name)} RENAME TO ${quoteIdentifier(besideName(name, time))}`);
    }
  } finally {
    image.close();
  }
}

export function placeBeside(database: DatabaseSync, tables: readonly string[], time: string): readonly RestoredTable[] {
  const schema = readSchema(database, imageSchema);
  return tables.map((name) => {
    const restoredAs = besideName(name, time);
    requireFreeName(database, restoredAs);
    const entry = schema.find((one) => one.type === 'table' && one.name === restoredAs);
    if (entry === undefined) throw new TypeError(`${restoredAs} is not in the image`);
    const rows = placeTable(database, entry);
    const indexes = indexesOf(schema, restoredAs);
    for (const index of indexes) {
      const indexName = besideName(index.name, time);
      requireFreeName(database, indexName);
      database.exec(renameObject(index.sql, quoteIdentifier(indexName)));
    }
    return { table: name, restoredAs, keptAs: null, rows, indexes: indexes.length };
  });
}
