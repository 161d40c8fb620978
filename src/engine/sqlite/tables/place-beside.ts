/** Tables as `<table>_restored_<time>` beside the living ones, with their indexes; triggers stay out. */

import type { DatabaseSync } from 'node:sqlite';
import type { RestoredTable } from '../../engine.ts';
import { imageSchema, placeObject, placeTable } from './place-table.ts';
import { renameStatements, type TableStatements } from './rename-statements.ts';

export function placeBeside(
  database: DatabaseSync,
  tables: readonly TableStatements[],
  time: string,
): readonly RestoredTable[] {
  return tables.map((original) => {
    const { table, indexes } = renameStatements(original, `_restored_${time}`);
    const rows = placeTable(database, table, { schema: imageSchema, table: original.table.name });
    for (const index of indexes) placeObject(database, index);
    return { table: original.table.name, restoredAs: table.name, keptAs: null, rows, indexes: indexes.length };
  });
}
