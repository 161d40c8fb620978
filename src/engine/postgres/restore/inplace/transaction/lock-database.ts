/**
 * Locks every table of the database before anything is done, in two steps: first against writers, so that what is read then
 * (a safety backup) is exactly what will be replaced; then against everybody. Sessions that are in the way get a few
 * seconds to finish and are ended then.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../../domain/error.ts';
import { errorCodeOf } from '../../../connection/server-errors.ts';
import { openSession, type Session } from '../../../connection/session.ts';
import { qualifiedName } from '../../../quote.ts';
import { isUserSchema } from '../../../fingerprint/inventory/inventory-query.ts';
import { restoreErrors } from '../../errors.ts';

/** EXCLUSIVE lets others read, which a backup must; nobody waits for us whom we wait for when it is raised. */
export type LockMode = 'exclusive' | 'access exclusive';

/** What is waited at most, for each of the two steps. */
export const lockTimeoutMs = 30_000;
/** So long a session in the way may go on. */
export const graceMs = 5000;
const lookEveryMs = 100;
const tablesPerStatement = 500;

/** Answers with the number of sessions that were ended. Throws `in-place-locked`. */
export async function lockDatabase(session: Session, mode: LockMode, signal: AbortSignal): Promise<number> {
  const [self] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  await using watcher = await openSession(session.address, { purpose: 'swap', signal });
  const state = { over: false, ended: new Set<number>(), blockers: '' };
  const ending = endBlockers(watcher, self?.pid ?? 0, state);
  try {
    await session.query(`set local lock_timeout = '${String(lockTimeoutMs)}ms'`);
    await lockTables(session, mode);
    await session.query('set local lock_timeout = 0');
    return state.ended.size;
  } catch (thrown) {
    const code = errorCodeOf(thrown);
    // lock_not_available, deadlock_detected
    if (code !== '55P03' && code !== '40P01') throw thrown;
    const who = state.blockers === '' ? '' : ` (in the way: ${state.blockers})`;
    throw restoreErrors.make('in-place-locked', `the tables could not be locked: ${messageOf(thrown)}${who}`, {
      cause: thrown,
    });
  } finally {
    state.over = true;
    await ending;
  }
}

interface OwnTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
}

/** Until there are none that came meanwhile. Tables this user has no rights on are locked when they are dropped. */
async function lockTables(session: Session, mode: LockMode): Promise<void> {
  const locked = new Set<string>();
  for (;;) {
    const tables = (await ownTables(session)).filter(({ oid }) => !locked.has(oid));
    if (tables.length === 0) return;
    for (let start = 0; start < tables.length; start += tablesPerStatement) {
      const names = tables
        .slice(start, start + tablesPerStatement)
        .map(({ schema, name }) => qualifiedName(schema, name));
      await session.query(`lock table only ${names.join(', only ')} in ${mode} mode`);
    }
    for (const { oid } of tables) locked.add(oid);
  }
}

function ownTables(session: Session): Promise<readonly OwnTable[]> {
  return session.query<OwnTable>(
    `select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${isUserSchema('n')}
        and pg_has_role(c.relowner, 'usage') order by c.oid`,
  );
}

interface Blocker {
  readonly pid: number;
  readonly who: string;
}

async function endBlockers(
  session: Session,
  pid: number,
  state: { over: boolean; ended: Set<number>; blockers: string },
): Promise<void> {
  for (let waitedMs = 0; !state.over; waitedMs += lookEveryMs) {
    try {
      const blockers = await session.query<Blocker>(
        `select pid, concat_ws(', ', 'session ' || pid, usename, nullif(application_name, ''), state) as who
           from pg_stat_activity where pid = any (pg_blocking_pids($1))`,
        [pid],
      );
      if (blockers.length > 0) state.blockers = blockers.map(({ who }) => who).join('; ');
      if (waitedMs >= graceMs) for (const blocker of blockers) await endSession(session, blocker, state);
    } catch (thrown) {
      state.blockers = messageOf(thrown);
    }
    await sleep(lookEveryMs);
  }
}

async function endSession(
  session: Session,
  { pid, who }: Blocker,
  state: { ended: Set<number>; blockers: string },
): Promise<void> {
  try {
    const [row] = await session.query<{ sent: boolean }>('select pg_terminate_backend($1) as sent', [pid]);
    if (row?.sent === true) state.ended.add(pid);
  } catch (thrown) {
    // A session of another role may be beyond our rights; the lock then times out, and this says why.
    state.blockers = `${who}: ${messageOf(thrown)}`;
  }
}
