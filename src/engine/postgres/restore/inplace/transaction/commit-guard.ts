/**
 * Nobody but us ends the transaction well: it holds a deferred constraint that is broken until the guard is lifted, so that
 * the server itself answers every other COMMIT with an error and a rollback (documentation, "SET CONSTRAINTS").
 */

import type { Session } from '../../../connection/session.ts';
import { commitSurely, transactionId } from '../../commit.ts';

const table = 'pg_temp.holdfast_not_yet';

export async function armGuard(session: Session): Promise<void> {
  await session.query(
    `create temporary table holdfast_not_yet (
       once pg_catalog.int4 unique deferrable initially deferred) on commit drop`,
  );
  await session.query(`insert into ${table} values (1), (1)`);
}

/** Throws `commit-failed` with everything as it was before, `commit-unknown` when nobody can say. */
export async function commitGuarded(session: Session, signal: AbortSignal): Promise<void> {
  const xid = await transactionId(session);
  await session.query(`delete from ${table}`);
  // From here on an interruption must not leave in doubt what was done.
  signal.throwIfAborted();
  await commitSurely(session, xid);
}
