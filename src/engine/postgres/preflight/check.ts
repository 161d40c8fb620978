/** All checks before a backup, on one connection. What was found is returned; only what stops the checks throws. */

import type { Finding } from '../../../domain/finding.ts';
import type { Scope } from '../../../domain/scope.ts';
import { serverPlace, type ReadAddress } from '../connection/address.ts';
import type { Session } from '../connection/session.ts';
import { listScopeRelations } from '../dump/scope-tables.ts';
import type { ServerFacts } from '../server-facts.ts';
import { findPoolerByAddress, findPoolerByBehaviour } from './pooler.ts';
import { findUnreadable } from './privileges.ts';
import { findServerTroubles } from './server.ts';

export async function checkSource(
  read: ReadAddress,
  session: Session,
  facts: ServerFacts,
  scope: Scope,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const relations = await listScopeRelations(session, scope);
  const pooler = findPoolerByAddress(read) ?? (await findPoolerByBehaviour(read, session, signal));
  return [
    ...addressFindings(read),
    ...(pooler === null ? [] : [pooler]),
    ...(await findServerTroubles(session, facts, scope, relations)),
    ...(await findUnreadable(session, facts, scope, relations)),
  ];
}

export function addressFindings(read: ReadAddress): readonly Finding[] {
  if (read.furtherHosts.length === 0) return [];
  return [
    {
      severity: 'note',
      code: 'first-host-only',
      message: `of several hosts only the first is used: ${serverPlace(read.address).host}, not ${read.furtherHosts.join(', ')}`,
      hint: '',
    },
  ];
}
