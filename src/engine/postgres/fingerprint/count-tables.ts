/** Counts rows by SQL: on the source the witness beside the dump stream, for materialised views all there is. */

import type { Session } from '../connection/session.ts';
import { qualifiedName } from '../quote.ts';

export interface CountableTable {
  readonly schema: string;
  readonly table: string;
  /** Rows of a table's children are the children's. */
  readonly kind: 'table' | 'materialized-view' | 'extension-config';
  /** An extension's condition on its configuration table, `WHERE` included. */
  readonly condition?: string;
}

/** In the order of `tables`, one statement each, in the session's snapshot. */
export async function countTables(session: Session, tables: readonly CountableTable[]): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const { schema, table, kind, condition } of tables) {
    const only = kind === 'materialized-view' ? '' : 'only ';
    const [row] = await session.query<{ rows: string }>(
      `select count(*)::text as rows from ${only}${qualifiedName(schema, table)} ${condition ?? ''}`,
    );
    counts.push(Number(row?.rows));
  }
  return counts;
}
