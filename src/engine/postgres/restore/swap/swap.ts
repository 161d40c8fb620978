/**
 * Puts a database under another's name. Both renames happen in one transaction, so that there is always exactly one
 * database of that name; RENAME locks the name, then waits up to five seconds for sessions to leave
 * (dbcommands.c, RenameDatabase and CountOtherDBBackends), and a second session ends them meanwhile. Whoever connects in
 * between waits for the commit and is refused once. When anything fails, everything has its old name.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Adoption } from '../../../engine.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { HoldfastError, messageOf } from '../../../../domain/error.ts';
import type { PgAddress } from '../../connection/address.ts';
import { errorCodeOf } from '../../connection/server-errors.ts';
import type { Session } from '../../connection/session.ts';
import { quoteIdentifier } from '../../quote.ts';
import { commitSurely, transactionId } from '../commit.ts';
import { restoreErrors } from '../errors.ts';
import { openMaintenance } from '../maintenance.ts';
import { swapObstacles } from './swap-obstacles.ts';

export interface Rename {
  readonly from: string;
  readonly to: string;
}

const terminateEveryMs = 100;
const attempts = 3;
/** object_in_use: a session came, or could not be ended, within RENAME's five seconds. */
const inUse = '55006';

/**
 * The database `copy` becomes `name`; the one that has the name becomes `keptAs`, or, when `keptAs` is null, there must
 * be none. `statements` run in the same transaction, while the copy still has its old name.
 */
export async function swapDatabases(
  address: PgAddress,
  swap: { readonly copy: string; readonly name: string; readonly keptAs: string | null },
  statements: readonly string[],
  signal: AbortSignal,
): Promise<Adoption> {
  const { copy, name, keptAs } = swap;
  const touched = keptAs === null ? [copy] : [name, copy];
  await using control = await openMaintenance(address, [copy, name], signal);
  if (keptAs !== null) await refuseObstacles(control, name);
  const renames = [...(keptAs === null ? [] : [{ from: name, to: keptAs }]), { from: copy, to: name }];
  await using terminator = await openMaintenance(address, [copy, name], signal, 'swap');
  const ended = await renameAll(control, terminator, touched, renames, statements);
  return { name, keptAs, findings: ended.size === 0 ? [] : [endedFinding(ended.size)] };
}

async function renameAll(
  control: Session,
  terminator: Session,
  touched: readonly string[],
  renames: readonly Rename[],
  statements: readonly string[],
): Promise<ReadonlySet<number>> {
  const ended = new Set<number>();
  for (let attempt = 1; ; attempt += 1) {
    const state = { over: false, refusal: '' };
    const terminating = terminateWhile(state, terminator, touched, ended);
    try {
      await renameOnce(control, renames, statements);
      return ended;
    } catch (thrown) {
      if (thrown instanceof HoldfastError && thrown.code === 'commit-unknown') throw thrown;
      if (errorCodeOf(thrown) === inUse && attempt < attempts && state.refusal === '') continue;
      const why = state.refusal === '' ? messageOf(thrown) : `${messageOf(thrown)} (${state.refusal})`;
      const refused = errorCodeOf(thrown) === '42501';
      throw restoreErrors.make(refused ? 'create-refused' : 'swap-failed', `the names could not be swapped: ${why}`, {
        cause: thrown,
      });
    } finally {
      state.over = true;
      await terminating;
    }
  }
}

async function renameOnce(control: Session, renames: readonly Rename[], statements: readonly string[]): Promise<void> {
  await control.query('begin');
  const xid = await transactionId(control);
  try {
    for (const statement of statements) await control.query(statement);
    for (const { from, to } of renames) {
      await control.query(`alter database ${quoteIdentifier(from)} rename to ${quoteIdentifier(to)}`);
    }
  } catch (thrown) {
    // With the connection gone there is nothing left to roll back: the server has done it.
    await control.query('rollback').catch(() => undefined);
    throw thrown;
  }
  // Names that are swapped must not be taken for names that are not, and the other way round.
  await commitSurely(control, xid);
}

async function terminateWhile(
  state: { over: boolean; refusal: string },
  session: Session,
  databases: readonly string[],
  ended: Set<number>,
): Promise<void> {
  while (!state.over) {
    try {
      const rows = await session.query<{ pid: number }>(
        'select pid from pg_stat_activity where datname = any($1) and pid <> pg_backend_pid()',
        [databases],
      );
      for (const { pid } of rows) if (await endSession(state, session, pid)) ended.add(pid);
    } catch (thrown) {
      state.refusal = messageOf(thrown);
    }
    await sleep(terminateEveryMs);
  }
}

async function endSession(state: { refusal: string }, session: Session, pid: number): Promise<boolean> {
  try {
    const [row] = await session.query<{ sent: boolean }>('select pg_terminate_backend($1) as sent', [pid]);
    return row?.sent === true;
  } catch (thrown) {
    // A session of another role may be beyond our rights; RENAME then says that it is in the way, and this says why.
    state.refusal = messageOf(thrown);
    return false;
  }
}

async function refuseObstacles(session: Session, name: string): Promise<void> {
  const [obstacle] = await swapObstacles(session, name);
  if (obstacle !== undefined) {
    throw restoreErrors.make('target-unfit', obstacle.message, { hint: obstacle.hint });
  }
}

function endedFinding(sessions: number): Finding {
  return {
    severity: 'note',
    code: 'sessions-ended',
    message: `${String(sessions)} session${sessions === 1 ? ' was' : 's were'} ended while the names were swapped`,
    hint: '',
  };
}
