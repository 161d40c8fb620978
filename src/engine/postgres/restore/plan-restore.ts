/** What a restore would do, and what stands in its way: read-only. */

import { HoldfastError } from '../../../domain/error.ts';
import { hasBlocking, type Finding } from '../../../domain/finding.ts';
import type { ArtifactRecord, BackupSource } from '../../../domain/artifact.ts';
import { formatBytes } from '../../../domain/amounts.ts';
import type { Migration } from '../../../domain/manifest.ts';
import { describeScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestorePlan, RestoreRequest } from '../../engine.ts';
import type { ArchiveToc } from '../archive/toc.ts';
import { openSession, type Session } from '../connection/session.ts';
import { readMigration } from '../migrations/read-migration.ts';
import { findTools } from '../via/find-tools.ts';
import { findPoolerByAddress } from '../preflight/pooler.ts';
import { readServerFacts, type ServerFacts } from '../server-facts.ts';
import { canUnpack } from '../archive/archive-unpacker.ts';
import { chooseSpoolPlace } from './load/spool-place.ts';
import { majorOf, writerMajor } from './load/archive-writer.ts';
import { chooseArtifact } from './load/choose-artifact.ts';
import type { RestoreContext } from './context.ts';
import { databaseStatements, localeOf, optionOf, type DatabaseStatements } from './database/database-statements.ts';
import { demandsOf, ownersOf, subscriptionNotes, superuserFindings } from './plan/demands.ts';
import { findRoom } from './plan/disk-room.ts';
import { defaultJobs } from './database/fill-database.ts';
import { databaseNames, openMaintenance } from './maintenance.ts';
import { restoreErrors } from './errors.ts';
import { freeKeptName, maxNameBytes } from './names.ts';
import {
  blocking,
  localeFindings,
  needFindings,
  note,
  ownerFindings,
  planTools,
  renameFindings,
  serverFindings,
  type PlannedTools,
} from './plan/plan-findings.ts';
import { readToc } from './load/read-head.ts';
import { roleFindings } from './roles/role-findings.ts';
import { swapObstacles } from './swap/swap-obstacles.ts';

interface Planning {
  readonly context: RestoreContext;
  readonly request: RestoreRequest;
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly session: Session;
  readonly facts: ServerFacts;
  readonly toc: ArchiveToc | null;
  readonly statements: DatabaseStatements | null;
  readonly finalName: string;
  readonly names: ReadonlySet<string>;
}

export async function planRestore(
  context: RestoreContext,
  wanted: RestoreRequest,
  source: BackupSource,
  work: Work,
): Promise<RestorePlan> {
  const request = { ...wanted, owners: wanted.owners && source.manifest.owners };
  const artifact = chooseArtifact(source.manifest, ['archive', 'sql']);
  const finalName = request.destination.kind === 'into' ? request.destination.name : context.address.database;
  await using session = await openForCreating(context, finalName, work);
  const facts = await readServerFacts(session);
  const toc = artifact.role === 'archive' ? await readToc(source.open(artifact, work), request.roles) : null;
  const statements = toc === null ? null : databaseStatements(toc, finalName, { ...request, serverMajor: facts.major });
  const names = new Set(await databaseNames(session));
  const planning = { context, request, source, artifact, session, facts, toc, statements, finalName, names };
  const tools = await findToolsFor(planning, work);
  const isSpooled = toc !== null && !tools.areThere;
  const place = isSpooled ? await chooseSpoolPlace(artifact.plainBytes, [context.stateDirectory]) : null;
  const findings = await collectFindings(planning, tools, place, work);
  const keptAs =
    request.destination.kind === 'replace' && names.has(finalName)
      ? freeKeptName(finalName, context.clock.now(), (name) => names.has(name))
      : null;
  return {
    request: wanted,
    finalName,
    keptAs,
    steps: describeSteps(planning, place !== null, keptAs),
    findings,
    plainBytes: artifact.plainBytes,
    migrations: {
      backup: source.manifest.origin.migration ?? null,
      present: keptAs === null ? null : await presentMigration(context, work),
    },
  };
}

function findToolsFor({ context, source, toc }: Planning, work: Work): Promise<PlannedTools> {
  const { origin } = source.manifest;
  const major = (toc === null ? majorOf(origin.tool) : writerMajor(toc)) ?? origin.majorVersion;
  return planTools(major, () => findTools(context.address, major, context.environment, work.signal));
}

/** Databases are created from another one, and hosted servers may let nobody into any. */
async function openForCreating({ address }: RestoreContext, finalName: string, work: Work): Promise<Session> {
  try {
    return await openMaintenance(address, [address.database, finalName], work.signal);
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code !== 'access-refused') throw thrown;
    const message = `no other database of the server lets user ${address.user} in, from which a copy could be created`;
    throw restoreErrors.make('no-maintenance-database', message, { cause: thrown });
  }
}

/** Only said beside: a database that is to be replaced may be beyond reading. */
async function presentMigration({ address }: RestoreContext, work: Work): Promise<Migration | null> {
  try {
    await using session = await openSession(address, { purpose: 'plan', signal: work.signal });
    return await readMigration(session);
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    work.report({ kind: 'note', level: 'info', text: `its newest migration could not be read: ${thrown.message}` });
    return null;
  }
}

async function collectFindings(
  planning: Planning,
  tools: PlannedTools,
  place: string | null,
  work: Work,
): Promise<readonly Finding[]> {
  const { context, request, source, artifact, session, facts, toc, statements } = planning;
  const pooler = findPoolerByAddress({ address: context.address, furtherHosts: [], saysPooler: false });
  const findings = [
    ...(pooler === null ? [] : [pooler]),
    ...serverFindings(facts, source.manifest, 'copy'),
    ...tools.findings,
    ...scopeFindings(planning),
    ...(await roleFindings(request, source, artifact, work)),
    ...(await needFindings(session, demandsOf(source.manifest, request, statements))),
    ...(request.owners && toc !== null ? await ownerFindings(session, facts, ownersOf(toc)) : []),
    ...(statements === null ? [] : await localeFindings(session, statements.create)),
    ...(await destinationFindings(planning)),
    ...contentNotes(planning),
  ];
  if (toc !== null && place === null && !tools.areThere) findings.push(noSpoolNote(artifact.plainBytes));
  // A server that refuses for other reasons need not be measured.
  if (hasBlocking(findings)) return findings;
  const spool = place === null ? null : { place, bytes: artifact.plainBytes };
  return [...findings, ...(await findRoom(session, { databaseBytes: source.manifest.origin.sizeBytes, spool }))];
}

function scopeFindings({ source, request }: Planning): readonly Finding[] {
  const { scope } = source.manifest;
  if (scope.kind === 'data') {
    return [
      blocking(
        'no-definitions',
        'the backup holds rows only, and no table to put them into',
        'Choose a whole backup, or load this one yourself with pg_restore --data-only.',
      ),
    ];
  }
  if (scope.kind === 'whole' || request.destination.kind === 'into') return [];
  return [
    blocking(
      'partial-backup',
      `the backup holds only a part (${describeScope(scope)}) and cannot replace a database`,
      'Restore it under another name with --into, or choose a whole backup.',
    ),
  ];
}

async function destinationFindings(planning: Planning): Promise<readonly Finding[]> {
  const { session, facts, request, finalName, names } = planning;
  if (request.destination.kind === 'replace') {
    if (!names.has(finalName)) return [note('database-absent', `there is no database ${finalName} yet; it is created`)];
    return [...(await swapObstacles(session, finalName)), ...(await renameFindings(session, facts, finalName))];
  }
  if (finalName === '' || Buffer.byteLength(finalName) > maxNameBytes) {
    return [
      blocking('name-too-long', `a database's name has 1 to ${String(maxNameBytes)} bytes`, 'Choose a shorter name.'),
    ];
  }
  if (!names.has(finalName)) return [];
  return [
    blocking('database-exists', `there is a database named ${finalName} already`, 'Choose another name for --into.'),
  ];
}

function contentNotes({ toc, names, context, facts }: Planning): readonly Finding[] {
  const notes: Finding[] = [];
  if (toc === null) {
    notes.push(
      note(
        'sql-without-database',
        names.has(context.address.database)
          ? 'the backup is SQL only; what belongs to the database itself is taken from the present one'
          : 'the backup is SQL only; owner, settings and privileges of the database itself are not in it',
      ),
    );
  }
  if (toc !== null) notes.push(...subscriptionNotes(toc), ...superuserFindings(toc, facts));
  return notes;
}

function noSpoolNote(plainBytes: number): Finding {
  return note(
    'no-temporary-room',
    `no folder has ${formatBytes(plainBytes)} free for a temporary file: the restore runs with one job`,
  );
}

function describeSteps(planning: Planning, isSpooled: boolean, keptAs: string | null): readonly string[] {
  const { artifact, request, source, finalName, statements, toc } = planning;
  const about = statements === null ? [] : [optionOf(statements.create, 'ENCODING'), localeOf(statements.create)];
  const looks = about.filter((one) => one !== null).join(', ');
  const isParallel = isSpooled && toc !== null && canUnpack(toc);
  const jobs = isParallel
    ? count(request.jobs ?? defaultJobs(), 'job')
    : artifact.role === 'archive'
      ? '1 job'
      : 'psql';
  const { fingerprint } = source.manifest;
  return [
    `create a new database beside${looks === '' ? '' : ` (${looks})`} from template0, named ${finalName}_restoring_… until it is checked`,
    `restore ${artifact.name} (${formatBytes(artifact.plainBytes)} uncompressed) into it with ${jobs}, stopping at the first error`,
    fingerprint.mode === 'off'
      ? 'compare nothing: the backup has no fingerprint'
      : `compare ${count(fingerprint.tables, 'table')} and ${count(fingerprint.objects, 'other object')} with the fingerprint`,
    'analyze it',
    ...placeSteps(finalName, keptAs),
  ];
}

function placeSteps(finalName: string, keptAs: string | null): readonly string[] {
  if (keptAs === null) return [`rename it to ${finalName}`];
  return [
    `end the sessions connected to ${finalName} and rename, in one transaction: ${finalName} to ${keptAs}, the copy to ${finalName}`,
  ];
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}
