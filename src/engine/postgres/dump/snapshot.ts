/**
 * One moment of the database for several readers. The tables are locked before the snapshot is taken: a TRUNCATE or a
 * rewriting ALTER TABLE between the two would otherwise show as an empty table to whoever reads by the snapshot
 * (PostgreSQL documentation, "Concurrency Control", 13.6 Caveats). The session that exported it keeps it alive.
 */

import type { Scope } from '../../../domain/scope.ts';
import type { PgAddress } from '../connection/address.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { openSession, type Session } from '../connection/session.ts';
import { postgresErrors } from '../errors.ts';
import { quoteLiteral } from '../quote.ts';
import { describeBlocker, lockTables } from './lock-tables.ts';
import { listScopeRelations, type ScopeRelation } from './scope-tables.ts';

export interface Snapshot extends AsyncDisposable {
  /** In the transaction that holds the snapshot; read-only. */
  readonly session: Session;
  /** For `SET TRANSACTION SNAPSHOT` and `pg_dump --snapshot`. */
  readonly id: string;
  /** As they are in the snapshot. */
  readonly relations: readonly ScopeRelation[];
}

export interface SnapshotOptions {
  readonly scope: Scope;
  readonly lockTimeoutMs: number;
  readonly signal: AbortSignal;
}

const attempts = 8;

/** Throws `lock-timeout`, `lock-table-full`, `tables-changing`. Disposing ends the transaction and the session. */
export async function takeSnapshot(address: PgAddress, options: SnapshotOptions): Promise<Snapshot> {
  const session = await openSession(address, { purpose: 'snapshot', signal: options.signal });
  try {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const taken = await trySnapshot(session, options);
      if (taken !== null) {
        return { session, ...taken, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
      }
      await session.query('rollback');
    }
    throw postgresErrors.make('tables-changing', `tables were created or dropped ${String(attempts)} times in a row`);
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Null when the list of tables changed between reading it and the snapshot. */
async function trySnapshot(
  session: Session,
  options: SnapshotOptions,
): Promise<{ readonly id: string; readonly relations: readonly ScopeRelation[] } | null> {
  const before = await listScopeRelations(session, options.scope);
  const tables = before.filter((relation) => relation.kind === 'table' || relation.kind === 'partitioned');
  await session.query('begin isolation level repeatable read read only');
  await session.query(`set local lock_timeout = ${quoteLiteral(`${String(options.lockTimeoutMs)}ms`)}`);
  try {
    if ((await lockTables(session, tables)) === 'vanished') return null;
  } catch (thrown) {
    if (errorCodeOf(thrown) !== '55P03') throw thrown;
    await session.query('rollback');
    throw postgresErrors.make('lock-timeout', await describeBlocker(session, tables), { cause: thrown });
  }
  await session.query('set local lock_timeout = 0');
  const [row] = await session.query<{ id: string }>('select pg_export_snapshot() as id');
  const relations = await listScopeRelations(session, options.scope);
  const key = (list: readonly ScopeRelation[]): string => JSON.stringify(list.filter(isLocked));
  return row === undefined || key(relations) !== key(before) ? null : { id: row.id, relations };
}

function isLocked(relation: ScopeRelation): boolean {
  return relation.kind === 'table' || relation.kind === 'partitioned';
}
