/** What `doctor` and the operations want to know before anything starts. */

import type { Finding } from '../../../domain/finding.ts';
import { HoldfastError } from '../../../domain/error.ts';
import { wholeScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { Inspection } from '../../engine.ts';
import type { ClientTools } from '../client-tools.ts';
import type { ReadAddress } from '../connection/address.ts';
import { openSession, type Session } from '../connection/session.ts';
import { openMaintenance } from '../restore/maintenance.ts';
import { readServerFacts, type ServerFacts } from '../server-facts.ts';
import { findTools } from '../via/find-tools.ts';
import { describePrefix } from '../via/via.ts';
import { describeWay } from '../via/describe-way.ts';
import { addressFindings, checkSource } from './check.ts';
import { versionFindings } from './server.ts';

export type InspectPurpose = 'backup' | 'restore' | 'doctor';
type Environment = Readonly<Record<string, string | undefined>>;

/** Throws when nobody answers at the address; everything else is a finding. */
export async function inspectSource(
  read: ReadAddress,
  purpose: InspectPurpose,
  env: Environment,
  work: Work,
): Promise<Inspection> {
  const opened = await openForInspection(read, purpose, work.signal);
  await using session = opened.session;
  const facts = await readServerFacts(session);
  const tools = await toolsOrFinding(read, facts.major, env, work.signal);
  const findings =
    purpose === 'restore'
      ? [...addressFindings(read), ...versionFindings(facts), ...restoreFindings(facts, opened.isMissing)]
      : await checkSource(read, session, facts, wholeScope, work.signal);
  return {
    product: 'PostgreSQL',
    version: facts.version,
    sizeBytes: opened.isMissing ? null : facts.sizeBytes,
    facts: [...(await describeWay(read.address, work.signal)), ...describeFacts(facts, tools.tools, opened.isMissing)],
    findings: [...findings, ...tools.findings],
  };
}

/** A restore may be what brings the database back: then another one of the same server is asked. */
async function openForInspection(
  read: ReadAddress,
  purpose: InspectPurpose,
  signal: AbortSignal,
): Promise<{ readonly session: Session; readonly isMissing: boolean }> {
  try {
    return { session: await openSession(read.address, { purpose: 'inspection', signal }), isMissing: false };
  } catch (thrown) {
    const isMissing = thrown instanceof HoldfastError && thrown.code === 'database-missing';
    if (!isMissing || purpose !== 'restore') throw thrown;
    return { session: await openMaintenance(read.address, [read.address.database], signal, 'inspection'), isMissing };
  }
}

async function toolsOrFinding(
  read: ReadAddress,
  major: number,
  env: Environment,
  signal: AbortSignal,
): Promise<{ readonly tools: ClientTools | null; readonly findings: readonly Finding[] }> {
  try {
    return { tools: await findTools(read.address, major, env, signal), findings: [] };
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    const { code, message, hint } = thrown;
    return { tools: null, findings: [{ severity: 'blocking', code, message, hint }] };
  }
}

function restoreFindings(facts: ServerFacts, isMissing: boolean): readonly Finding[] {
  const findings: Finding[] = [];
  if (isMissing) {
    findings.push({
      severity: 'note',
      code: 'database-absent',
      message: 'the database does not exist; a restore creates it',
      hint: '',
    });
  }
  if (facts.isStandby) {
    findings.push({
      severity: 'blocking',
      code: 'target-is-standby',
      message: 'the server is a standby and cannot be written to',
      hint: 'Name the primary.',
    });
  }
  if (!facts.canCreateDatabases) {
    findings.push({
      severity: 'blocking',
      code: 'cannot-create-database',
      message: `user ${facts.user} may not create databases`,
      hint: `As superuser: ALTER ROLE "${facts.user}" CREATEDB.`,
    });
  }
  return findings;
}

function describeFacts(
  facts: ServerFacts,
  tools: ClientTools | null,
  isMissing: boolean,
): readonly (readonly [string, string])[] {
  const role = facts.isSuperuser ? 'superuser' : facts.bypassesRls ? 'sees through row-level security' : 'ordinary';
  return [
    ['server', `PostgreSQL ${facts.version}${facts.isStandby ? ' (standby)' : ''}`],
    ...(isMissing ? [] : ([['encoding', facts.encoding]] as const)),
    ['user', `${facts.user} (${role})`],
    ['client tools', tools === null ? 'none that fit' : describeTools(tools)],
    ...(facts.systemIdentifier === null ? [] : ([['system identifier', facts.systemIdentifier]] as const)),
  ];
}

function describeTools({ via, version, directory }: ClientTools): string {
  const where = via === undefined ? '' : `${describePrefix(via.prefix)}: `;
  return `${where}pg_dump ${version} in ${directory}`;
}
