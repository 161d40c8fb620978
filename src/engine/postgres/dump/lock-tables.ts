/**
 * Locks tables against being dropped, truncated or rewritten while they are read: ACCESS SHARE, which stops no reader
 * and no writer. In batches, because one statement's text should not grow with the database.
 */

import type { Session } from '../connection/session.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { postgresErrors } from '../errors.ts';
import { qualifiedName, quoteIdentifier } from '../quote.ts';
import type { ScopeRelation } from './scope-tables.ts';

const tablesPerStatement = 500;

/** `vanished`: one of them was dropped or renamed since the list was made. */
export type LockOutcome = 'locked' | 'vanished';

/** Inside a transaction that has not read anything yet: LOCK TABLE takes no snapshot. Throws `lock-timeout`. */
export async function lockTables(session: Session, tables: readonly ScopeRelation[]): Promise<LockOutcome> {
  for (let start = 0; start < tables.length; start += tablesPerStatement) {
    const batch = tables.slice(start, start + tablesPerStatement);
    const names = batch.map((table) => `only ${qualifiedName(table.schema, table.name)}`).join(', ');
    try {
      await session.query(`lock table ${names} in access share mode`);
    } catch (thrown) {
      const code = errorCodeOf(thrown);
      // Undefined table, undefined schema; a view in a table's place.
      if (code === '42P01' || code === '3F000' || code === '42809') return 'vanished';
      if (code === '53200') {
        throw postgresErrors.make('lock-table-full', `the server cannot lock ${String(tables.length)} tables at once`, {
          cause: thrown,
        });
      }
      throw thrown;
    }
  }
  return 'locked';
}

interface BlockerRow {
  readonly schema: string;
  readonly name: string;
  readonly pid: number;
  readonly user_name: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly granted: boolean;
}

/** Says who keeps us from locking. To be asked after the failed transaction was rolled back. */
export async function describeBlocker(session: Session, tables: readonly ScopeRelation[]): Promise<string> {
  // Only ACCESS EXCLUSIVE stands against ACCESS SHARE; one that merely waits has its turn before us.
  const rows = await session.query<BlockerRow>(
    `select n.nspname as schema, c.relname as name, l.pid, a.usename as user_name,
            a.application_name as application, a.state, l.granted
       from pg_locks l
       join pg_class c on c.oid = l.relation
       join pg_namespace n on n.oid = c.relnamespace
       left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation = any ($1::oid[])
        and l.database = (select oid from pg_database where datname = current_database())
      order by l.granted desc, l.pid limit 1`,
    [tables.map((table) => table.oid)],
  );
  const row = rows[0];
  if (row === undefined) return 'another session held a lock on a table for too long';
  const table = `${quoteIdentifier(row.schema)}.${quoteIdentifier(row.name)}`;
  const who = [row.user_name, row.application, row.state].filter((text) => text !== null && text !== '').join(', ');
  const how = row.granted ? 'holds' : 'waits for';
  return `session ${String(row.pid)} (${who}) ${how} an exclusive lock on ${table}`;
}
