/** Statements that a user may be refused without harm: all of them, or none, inside the transaction that goes on. */

import { messageOf } from '../../../../../domain/error.ts';
import { errorCodeOf } from '../../../connection/server-errors.ts';
import type { Session } from '../../../connection/session.ts';

/** insufficient_privilege */
const refused = '42501';

/** What the server said when it was not allowed; null when all was done. Any other error is thrown. */
export async function attempt(session: Session, statements: readonly string[]): Promise<string | null> {
  if (statements.length === 0) return null;
  await session.query('savepoint holdfast_attempt');
  try {
    for (const statement of statements) await session.query(statement);
    await session.query('release savepoint holdfast_attempt');
    return null;
  } catch (thrown) {
    if (errorCodeOf(thrown) !== refused) throw thrown;
    await session.query('rollback to savepoint holdfast_attempt');
    await session.query('release savepoint holdfast_attempt');
    return messageOf(thrown);
  }
}
