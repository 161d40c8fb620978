/**
 * The end of a transaction whose outcome must be known. When the answer to COMMIT is lost, or is an error, the server is asked
 * what became of the transaction: it remembers (documentation, `txid_status`).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import { openSession, type Session } from '../connection/session.ts';
import { restoreErrors } from './errors.ts';

/** Of the transaction that is open; to be read before it ends. */
export async function transactionId(session: Session): Promise<string> {
  const [row] = await session.query<{ xid: string }>('select txid_current()::text as xid');
  return row?.xid ?? '';
}

/** Throws `commit-failed` with everything as it was before, `commit-unknown` when nobody can say. */
export async function commitSurely(session: Session, xid: string): Promise<void> {
  let answered = false;
  try {
    await session.query('commit');
    answered = true;
    if ((await statusOf(session, xid)) === 'committed') return;
    throw restoreErrors.make('commit-failed', 'the server did not keep the transaction');
  } catch (thrown) {
    if (answered && thrown instanceof HoldfastError && thrown.code === 'commit-failed') throw thrown;
    await settle(session, xid, thrown);
  }
}

const patienceAttempts = 60;
const betweenMs = 1000;

async function settle(lost: Session, xid: string, reason: unknown): Promise<void> {
  for (let attempt = 1; attempt <= patienceAttempts; attempt += 1) {
    const status = await askAgain(lost, xid);
    if (status === 'committed') return;
    if (status === 'aborted') {
      throw restoreErrors.make('commit-failed', `the server refused to commit: ${messageOf(reason)}`, {
        cause: reason,
      });
    }
    await sleep(betweenMs);
  }
  throw restoreErrors.make('commit-unknown', `the connection was lost during the commit: ${messageOf(reason)}`, {
    cause: reason,
  });
}

/** Null when the server cannot be asked now. */
async function askAgain(lost: Session, xid: string): Promise<string | null> {
  try {
    await using session = await openSession(lost.address, {
      purpose: 'commit',
      signal: AbortSignal.timeout(30_000),
    });
    return await statusOf(session, xid);
  } catch {
    // It is asked again; when it never answers, that is what is reported.
    return null;
  }
}

async function statusOf(session: Session, xid: string): Promise<string | null> {
  const [row] = await session.query<{ status: string | null }>('select txid_status($1::bigint) as status', [xid]);
  return row?.status ?? null;
}
