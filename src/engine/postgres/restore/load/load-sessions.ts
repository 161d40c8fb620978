/** Sessions that load rows, with the settings that pg_restore would give its own (pg_backup_archiver.c, _doSetFixedOutputState). */

import { HoldfastError } from '../../../../domain/error.ts';
import { openSession, type Session } from '../../connection/session.ts';
import type { LoadTarget } from './pg-restore.ts';

export interface LoadSessions extends AsyncDisposable {
  /** At least one. */
  readonly list: readonly [Session, ...Session[]];
}

/**
 * As many as `count`, or as there are connections for. `encoding` is that of the rows, as the archive says it. Throws
 * `too-many-connections` when there is not even one.
 */
export async function openLoadSessions(
  target: LoadTarget,
  encoding: string,
  count: number,
  signal: AbortSignal,
): Promise<LoadSessions> {
  const opened = await Promise.allSettled(
    Array.from({ length: count }, () => openLoadSession(target, encoding, signal)),
  );
  const sessions = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const reasons = opened.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const close = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  };
  const [first, ...others] = sessions;
  const [reason] = first === undefined ? reasons : reasons.filter((one) => !isForWantOfConnections(one));
  if (first !== undefined && reason === undefined) return { list: [first, ...others], [Symbol.asyncDispose]: close };
  await close();
  throw reason;
}

function isForWantOfConnections(thrown: unknown): boolean {
  return thrown instanceof HoldfastError && thrown.code === 'too-many-connections';
}

async function openLoadSession({ address }: LoadTarget, encoding: string, signal: AbortSignal): Promise<Session> {
  const session = await openSession(address, { purpose: 'restore', signal });
  try {
    await session.query(
      `select set_config('default_transaction_read_only', 'off', false), set_config('synchronous_commit', 'off', false),
              set_config('search_path', '', false), set_config('client_encoding', $1, false)`,
      [encoding],
    );
    return session;
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}
