/** Sessions that load rows, with the settings that pg_restore would give its own (pg_backup_archiver.c, _doSetFixedOutputState). */

import { openSession, type Session } from '../../connection/session.ts';
import type { LoadTarget } from './pg-restore.ts';

export interface LoadSessions extends AsyncDisposable {
  readonly list: readonly Session[];
}

/** `encoding` is that of the rows, as the archive says it. */
export async function openLoadSessions(
  target: LoadTarget,
  encoding: string,
  count: number,
  signal: AbortSignal,
): Promise<LoadSessions> {
  const opened = await Promise.allSettled(
    Array.from({ length: count }, () => openLoadSession(target, encoding, signal)),
  );
  const list = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(list.map((session) => session[Symbol.asyncDispose]()));
  };
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  return { list, [Symbol.asyncDispose]: close };
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
