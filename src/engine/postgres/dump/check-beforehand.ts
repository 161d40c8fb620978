/** Everything that is known to make a backup fail or be incomplete is looked for before it begins. */

import type { Finding } from '../../../domain/finding.ts';
import type { BackupRequest } from '../../engine.ts';
import type { ClientTools } from '../client-tools.ts';
import type { ReadAddress } from '../connection/address.ts';
import { openSession } from '../connection/session.ts';
import { postgresErrors } from '../errors.ts';
import { checkSource } from '../preflight/check.ts';
import { demandSupported, readServerFacts, type ServerFacts } from '../server-facts.ts';
import { findTools } from '../via/find-tools.ts';
import { demandMatches } from './scope-tables.ts';

export interface CheckedSource {
  readonly facts: ServerFacts;
  readonly tools: ClientTools;
  readonly findings: readonly Finding[];
}

/** Throws `not-ready-for-backup` with the first blocking finding. */
export async function checkBeforehand(
  request: BackupRequest,
  read: ReadAddress,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<CheckedSource> {
  await using session = await openSession(read.address, { purpose: 'checks', signal });
  const facts = await readServerFacts(session);
  demandSupported(facts);
  const tools = await findTools(read.address, facts.major, environment, signal);
  await demandMatches(session, request.scope);
  const findings = await checkSource(read, session, facts, request.scope, signal);
  const blocking = findings.filter((finding) => finding.severity === 'blocking');
  const [first] = blocking;
  if (first !== undefined) {
    const others = blocking.length === 1 ? '' : ` (and ${String(blocking.length - 1)} more: see holdfast doctor)`;
    throw postgresErrors.make('not-ready-for-backup', `${first.message}${others}`, { hint: first.hint });
  }
  return { facts, tools, findings };
}
