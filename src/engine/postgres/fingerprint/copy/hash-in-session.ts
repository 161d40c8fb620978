/** Hashes tables one after the other on one session: within its transaction, where other connections see nothing. */

import { postgresErrors } from '../../errors.ts';
import type { Session } from '../../connection/session.ts';
import { createHashMemory, loadRowHasher } from '../row-hash/row-hasher.ts';
import { copyOut } from './copy-out.ts';
import { copyQuery, type HashableTable } from './copy-query.ts';
import type { TableHash } from './copy-reader.ts';

const inputBytes = 256 * 1024;

/** In the order of `tables`; an extension's configuration table may be one of them. */
export async function hashInSession(
  session: Session,
  tables: readonly HashableTable[],
  encoding: string,
  signal: AbortSignal,
): Promise<readonly TableHash[]> {
  const memory = createHashMemory(inputBytes);
  const memoryBytes = new Uint8Array(memory.buffer);
  const hasher = loadRowHasher(memory, true);
  const hashes: TableHash[] = [];
  for (const table of tables) {
    const sql = copyQuery(table, await relkindOf(session, table), encoding);
    const { count, sum } = await copyOut(session, sql, hasher, memoryBytes, signal);
    hashes.push({ rows: count, sum });
  }
  return hashes;
}

/** `relkind` of pg_class. Throws `query-failed` when the table is not there. */
export async function relkindOf(session: Session, table: HashableTable): Promise<string> {
  const [row] = await session.query<{ relkind: string }>(
    `select c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [table.schema, table.table],
  );
  if (row === undefined) {
    throw postgresErrors.make('query-failed', `there is no table ${table.schema}.${table.table} to compare`);
  }
  return row.relkind;
}
