/** How many bytes of rows a dump will about hold: for the progress line, never for a decision. */

import type { Session } from '../connection/session.ts';
import type { ScopeRelation } from './scope-tables.ts';

export async function estimateRowBytes(session: Session, relations: readonly ScopeRelation[]): Promise<number> {
  const tables = relations.filter((relation) => relation.kind === 'table').map((relation) => relation.oid);
  const [row] = await session.query<{ bytes: string }>(
    `select coalesce(sum(pg_table_size(oid)), 0)::text as bytes from unnest($1::oid[]) as t(oid)`,
    [tables],
  );
  return Number(row?.bytes ?? 0);
}
