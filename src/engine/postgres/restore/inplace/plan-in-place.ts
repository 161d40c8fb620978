/** What an in-place restore would do, and what stands in its way: read-only, so that everything can still be told beforehand. */

import { hasBlocking, type Finding } from '../../../../domain/finding.ts';
import { formatBytes } from '../../../../domain/amounts.ts';
import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import type { Work } from '../../../../domain/work.ts';
import type { RestorePlan, RestoreRequest } from '../../../engine.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { readMigration } from '../../migrations/read-migration.ts';
import { findPoolerByAddress } from '../../preflight/pooler.ts';
import { readServerFacts, type ServerFacts } from '../../server-facts.ts';
import { findTools } from '../../via/find-tools.ts';
import type { RestoreContext } from '../context.ts';
import { databaseStatements, type DatabaseStatements } from '../database/database-statements.ts';
import { writerMajor } from '../load/archive-writer.ts';
import { chooseArtifact } from '../load/choose-artifact.ts';
import { readToc } from '../load/read-head.ts';
import { demandsOf, ownersOf, subscriptionNotes, superuserFindings } from '../plan/demands.ts';
import { findRoom } from '../plan/disk-room.ts';
import { needFindings, note, ownerFindings, planTools, serverFindings } from '../plan/plan-findings.ts';
import { roleFindings } from '../roles/role-findings.ts';
import { atomicityFindings } from './plan/atomicity-findings.ts';
import { encodingFindings } from './plan/encoding-findings.ts';
import { extensionFindings, refusableExtensions } from './plan/extension-findings.ts';
import { keptSchemas, readExtensions } from './present/present-extensions.ts';
import { presentObjects } from './present/present-objects.ts';
import { graceMs, lockTimeoutMs } from './transaction/lock-database.ts';

interface Planning {
  readonly context: RestoreContext;
  readonly request: RestoreRequest;
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly session: Session;
  readonly facts: ServerFacts;
  readonly toc: ArchiveToc | null;
  readonly statements: DatabaseStatements | null;
}

/** Throws `database-missing`: a database that is not there cannot be filled in its place. */
export async function planInPlace(
  context: RestoreContext,
  wanted: RestoreRequest,
  source: BackupSource,
  work: Work,
): Promise<RestorePlan> {
  const request = { ...wanted, owners: wanted.owners && source.manifest.owners };
  const artifact = chooseArtifact(source.manifest, ['archive', 'sql']);
  await using session = await openSession(context.address, { purpose: 'plan', signal: work.signal });
  const facts = await readServerFacts(session);
  const toc = artifact.role === 'archive' ? await readToc(source.open(artifact, work), request.roles) : null;
  const name = context.address.database;
  const statements = toc === null ? null : databaseStatements(toc, name, { ...request, serverMajor: facts.major });
  const planning = { context, request, source, artifact, session, facts, toc, statements };
  const present = await readPresent(session, facts);
  return {
    request: wanted,
    finalName: name,
    keptAs: null,
    steps: describeSteps(planning, present.dropped),
    findings: await collectFindings(planning, present, work),
    plainBytes: artifact.plainBytes,
    migrations: {
      backup: source.manifest.origin.migration ?? null,
      present: await readMigration(session),
    },
  };
}

interface Present {
  readonly extensions: Awaited<ReturnType<typeof readExtensions>>;
  readonly objects: Awaited<ReturnType<typeof presentObjects>>;
  readonly dropped: number;
}

async function readPresent(session: Session, facts: ServerFacts): Promise<Present> {
  const extensions = await readExtensions(session, facts);
  const objects = await presentObjects(session, await keptSchemas(session, extensions.stay));
  const [row] = await session.query<{ tables: string }>(
    `select count(*)::text as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname !~ '^pg_'
        and n.nspname <> 'information_schema'`,
  );
  return { extensions, objects, dropped: Number(row?.tables ?? 0) };
}

async function collectFindings(planning: Planning, present: Present, work: Work): Promise<readonly Finding[]> {
  const { context, request, source, session, facts, toc, statements } = planning;
  const pooler = findPoolerByAddress({ address: context.address, furtherHosts: [], saysPooler: false });
  const major = toc === null ? null : writerMajor(toc);
  const tools =
    major === null
      ? { findings: [] }
      : await planTools(major, () => findTools(context.address, major, context.environment, work.signal));
  const { stay } = present.extensions;
  const findings = [
    ...(pooler === null ? [] : [pooler]),
    ...serverFindings(facts, source.manifest, 'nothing'),
    ...tools.findings,
    ...(await roleFindings(request, source, planning.artifact, work)),
    ...(await needFindings(session, demandsOf(source.manifest, request, statements))),
    ...(request.owners && toc !== null ? await ownerFindings(session, facts, ownersOf(toc)) : []),
    ...(await atomicityFindings(session, facts, present.objects)),
    ...extensionFindings(stay, source.manifest.needs.extensions, toc),
    ...(await refusableExtensions(session, facts, stay, source.manifest.needs.extensions)),
    ...(statements === null ? [] : await encodingFindings(session, facts, statements.create)),
    ...(toc === null ? [sqlNote] : [...subscriptionNotes(toc), ...superuserFindings(toc, facts)]),
    ...(await sessionNotes(session)),
  ];
  if (hasBlocking(findings)) return findings;
  const { sizeBytes } = source.manifest.origin;
  return [...findings, ...(await findRoom(session, { databaseBytes: sizeBytes, spool: null }))];
}

const sqlNote = note(
  'sql-without-database',
  'the backup is SQL only: owner, settings and privileges of the database itself stay as they are',
);

async function sessionNotes(session: Session): Promise<readonly Finding[]> {
  const rows = await session.query<{ who: string; sessions: string }>(
    `select coalesce(nullif(application_name, ''), usename::text, 'unnamed') as who, count(*)::text as sessions
       from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend' group by 1 order by count(*) desc, 1 limit 5`,
  );
  if (rows.length === 0) return [];
  const list = rows.map(({ who, sessions }) => `${who} (${sessions})`).join(', ');
  return [
    note(
      'sessions-connected',
      `these sessions are connected; they wait until the restore is committed, and find the restored data then: ${list}`,
    ),
  ];
}

function describeSteps({ artifact, source, context }: Planning, tables: number): readonly string[] {
  const { database } = context.address;
  const { fingerprint } = source.manifest;
  const seconds = (ms: number): string => `${String(ms / 1000)} s`;
  return [
    `begin a transaction and lock the ${count(tables, 'table')} of ${database}, waiting at most ${seconds(lockTimeoutMs)}; sessions in the way are ended after ${seconds(graceMs)}`,
    `drop in it everything that ${database} holds, but extensions that could not be created again`,
    `run every statement of ${artifact.name} (${formatBytes(artifact.plainBytes)} uncompressed) in it, stopping at the first error`,
    fingerprint.mode === 'off'
      ? 'compare nothing: the backup has no fingerprint'
      : `compare ${count(fingerprint.tables, 'table')} and ${count(fingerprint.objects, 'other object')} with the fingerprint, from within`,
    'analyze it',
    'commit; if anything failed until then, roll back: the database is as it was',
  ];
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}
