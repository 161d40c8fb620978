/**
 * Poolers that give each transaction another server session break dumps: the snapshot's session must stay one. They
 * are known by address, and by behaviour: a pooler answers with a process number of its own, and lets two
 * client connections share one server session.
 */

import type { Finding } from '../../../domain/finding.ts';
import { poolerAt } from '../../hosting.ts';
import { describePlace, serverPlace, type ReadAddress } from '../connection/address.ts';
import { openSession, type Session } from '../connection/session.ts';

/** Poolers that can be told by their address alone, before connecting. */
export function findPoolerByAddress(read: ReadAddress): Finding | null {
  const { host, port } = serverPlace(read.address);
  const pooler = poolerAt(host, port);
  return pooler === null ? null : poolerFinding(pooler.what, pooler.hint);
}

/** Poolers that show when two sessions are compared. Needs a second connection only where something is suspicious. */
export async function findPoolerByBehaviour(
  read: ReadAddress,
  session: Session,
  signal: AbortSignal,
): Promise<Finding | null> {
  const ours = await backendPid(session);
  if (ours === Reflect.get(session.client, 'processID')) return null;
  await using other = await openSession(read.address, { purpose: 'pooler check', signal });
  await other.query('begin');
  const theirs = await backendPid(other);
  // While the other transaction keeps its server session, a pooler must give us another one than before.
  const isShared = theirs === ours || (await backendPid(session)) !== ours;
  await other.query('rollback');
  if (!isShared) return null;
  return poolerFinding(
    `${describePlace(read.address)} is a pooler that shares server sessions`,
    read.saysPooler
      ? 'Use the direct address of the server (with Prisma often DIRECT_URL), without pgbouncer=true.'
      : 'Use the direct address of the server, or a pool in session mode.',
  );
}

async function backendPid(session: Session): Promise<number | undefined> {
  const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  return row?.pid;
}

function poolerFinding(message: string, hint: string): Finding {
  return { severity: 'blocking', code: 'pooler-address', message, hint };
}
