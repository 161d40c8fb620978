/** The COPY that gives a table's rows as pg_dump would write them (pg_dump.c, dumpTableData_copy). */

import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../quote.ts';

export interface HashableTable {
  readonly schema: string;
  readonly table: string;
  /** Empty for a table without columns of its own to load. */
  readonly columns: readonly string[];
  /** An extension's condition on its configuration table, `WHERE` included. */
  readonly condition?: string;
}

/** `relkind` as in pg_class: only plain tables can be copied as they are; of these only their own rows come, not their children's. */
export function copyQuery(table: HashableTable, relkind: string, encoding: string): string {
  const name = qualifiedName(table.schema, table.table);
  const columns = table.columns.map(quoteIdentifier).join(', ');
  const condition = table.condition ?? '';
  const isPlain = relkind === 'r' && condition === '';
  const only = relkind === 'r' ? 'ONLY ' : '';
  const source = isPlain
    ? `${name}${columns === '' ? '' : ` (${columns})`}`
    : `(SELECT ${columns} FROM ${only}${name} ${condition})`;
  return `COPY ${source} TO STDOUT (FORMAT text, ENCODING ${quoteLiteral(encoding)})`;
}
