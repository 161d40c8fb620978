/**
 * Makes a new database and runs every statement of a backup in it. Nothing that was there before is touched: what fails
 * removes its own database and no other.
 */

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import { HoldfastError } from '../../../../domain/error.ts';
import { noRoles, type RoleMap } from '../../../../domain/role-map.ts';
import type { Finding } from '../../../../domain/finding.ts';
import type { Work } from '../../../../domain/work.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
import { canBeLocked, locked, withoutOwnersOrPrivileges } from '../../foreign/run-script.ts';
import { withDatabase } from '../../connection/address.ts';
import type { Session } from '../../connection/session.ts';
import { readServerFacts, type ServerFacts } from '../../server-facts.ts';
import { findTools } from '../../via/find-tools.ts';
import { majorOf, writerMajor } from '../load/archive-writer.ts';
import { chooseArtifact } from '../load/choose-artifact.ts';
import type { RestoreContext } from '../context.ts';
import { applyProperties, createDatabase, createMissingSchemas, plainStatements } from './create-database.ts';
import { databaseStatements, type DatabaseStatements } from './database-statements.ts';
import { livingStatements } from './living-database.ts';
import { restoreErrors } from '../errors.ts';
import { loadArchive } from '../load/load-archive.ts';
import { loadSettings } from '../load/load-settings.ts';
import { clearUp, dropDatabase, markInUse, openMaintenance } from '../maintenance.ts';
import { loadScript, type LoadTarget } from '../load/pg-restore.ts';
import { transactionTimeoutMajor, withoutUnknownSetting } from '../load/plain-sql.ts';
import { watchGrowth } from '../load/watch-growth.ts';

export interface FillRequest {
  readonly source: BackupSource;
  /** The new database's name: free. */
  readonly name: string;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Roles that are called otherwise here. Absent: none. */
  readonly roles?: RoleMap;
  /** Null: as many as help on this machine. */
  readonly jobs: number | null;
  /** A locale that is not installed becomes `C`, with a finding, instead of an error. */
  readonly acceptPlainLocale: boolean;
  /** Whose own properties are taken over when the backup holds none (a backup that is only SQL); null for nobody's. */
  readonly likeDatabase: string | null;
  /** May make what the database refers to, and change the statements that make it. */
  readonly beforeCreate?: (
    session: Session,
    toc: ArchiveToc | null,
    statements: DatabaseStatements,
  ) => Promise<DatabaseStatements>;
}

export interface FilledDatabase {
  readonly restoreMs: number;
  readonly findings: readonly Finding[];
  readonly facts: ServerFacts;
  /** Still to be run when the database is put in place. */
  readonly restrictions: readonly string[];
  /** Holds the mark that the database is in use by a living run. */
  readonly guard: Session;
}

interface Filling {
  readonly context: RestoreContext;
  readonly request: FillRequest;
  readonly artifact: ArtifactRecord;
  readonly guard: Session;
  readonly facts: ServerFacts;
  isCreated: boolean;
  statements: DatabaseStatements;
  findings: readonly Finding[];
}

/** The caller disposes the guard, and removes the database when it is not to stay. */
export async function fillDatabase(context: RestoreContext, wanted: FillRequest, work: Work): Promise<FilledDatabase> {
  const { manifest } = wanted.source;
  const artifact = chooseArtifact(manifest, ['archive', 'sql']);
  if (manifest.scope.kind === 'data') {
    throw restoreErrors.make('target-unfit', `backup ${manifest.id} holds rows only, and no table to put them into`, {
      hint: 'Choose a whole backup, or load this one yourself with pg_restore --data-only.',
    });
  }
  // pg_dump writes owners into every archive, also when it was told not to (documentation, `--no-owner`).
  const request = { ...wanted, owners: wanted.owners && manifest.owners };
  const guard = await openMaintenance(context.address, [request.name, context.address.database], work.signal);
  const state: { filling: Filling | null } = { filling: null };
  try {
    await markInUse(guard, request.name);
    const facts = await readServerFacts(guard);
    const statements = plainStatements(request.name);
    const filling: Filling = { context, request, artifact, guard, facts, statements, isCreated: false, findings: [] };
    state.filling = filling;
    const started = context.clock.monotonicMs();
    if (artifact.role === 'archive') await fillFromArchive(filling, work);
    else await fillFromScript(filling, work);
    work.signal.throwIfAborted();
    // Last, because they may lock out whoever restores; `pg_restore --create` has this order too.
    await applyProperties(guard, filling.statements.privileges);
    const restoreMs = context.clock.monotonicMs() - started;
    const { findings } = filling;
    return { restoreMs, findings, facts, restrictions: filling.statements.restrictions, guard };
  } catch (thrown) {
    await guard[Symbol.asyncDispose]();
    if (state.filling?.isCreated === true) {
      await clearUp(work, `database ${request.name}`, () => dropDatabase(context.address, request.name));
    }
    throw thrown;
  }
}

/** More jobs than cores only wait for each other; beyond four the server's disk decides. */
export function defaultJobs(): number {
  return Math.min(4, Math.max(2, availableParallelism()));
}

async function fillFromArchive(filling: Filling, work: Work): Promise<void> {
  const { context, request, artifact } = filling;
  work.report({ kind: 'step', text: `reading the backup into ${request.name}` });
  await loadArchive(
    {
      source: request.source,
      artifact,
      jobs: request.jobs ?? defaultJobs(),
      spoolPlaces: [context.stateDirectory],
      roles: request.roles ?? noRoles,
      prepare: (toc) => prepareForArchive(filling, toc, work),
      watch: () => watchGrowth(filling.guard, request.name, request.source.manifest.origin.sizeBytes, work),
    },
    work,
  );
}

async function prepareForArchive(filling: Filling, toc: ArchiveToc, work: Work): Promise<LoadTarget> {
  const { request, facts } = filling;
  const statements = databaseStatements(toc, request.name, {
    owners: request.owners,
    privileges: request.privileges,
    serverMajor: facts.major,
  });
  await create(filling, statements ?? plainStatements(request.name), toc);
  if (request.source.manifest.scope.kind === 'tables') {
    await createMissingSchemas(filling.guard, request.name, toc, work.signal);
  }
  return loadTarget(filling, writerMajor(toc), work.signal);
}

/** A script restores what is in a database, nothing of the database itself. */
async function fillFromScript(filling: Filling, work: Work): Promise<void> {
  const { request, artifact, facts } = filling;
  const { manifest } = request.source;
  const living = request.likeDatabase === null ? null : await statementsOfLiving(filling, request.likeDatabase, work);
  await create(filling, living ?? plainStatements(request.name), null);
  const major = majorOf(manifest.origin.tool) ?? manifest.origin.majorVersion;
  const target = await loadTarget(filling, major, work.signal);
  work.report({ kind: 'step', text: `running ${artifact.name} in ${request.name}` });
  const bytes = request.source.open(artifact, work);
  const script = facts.major < transactionTimeoutMajor ? withoutUnknownSetting(bytes) : bytes;
  const failed = await loadScript(target, guarded(filling, target, script), work.signal);
  filling.findings = [...filling.findings, ...failed.map(brokenByLoss)];
}

/** Of a damaged database nobody may be able to say: a salvage of it is restored all the same. */
async function statementsOfLiving(filling: Filling, living: string, work: Work): Promise<DatabaseStatements | null> {
  const { context, request, facts } = filling;
  const { owners, privileges } = request;
  try {
    const options = { owners, privileges, serverMajor: facts.major };
    return await livingStatements(context, living, request.name, options, work.signal);
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (request.source.manifest.scope.salvaged !== true || !(thrown instanceof HoldfastError)) throw thrown;
    const [why] = thrown.message.split('\n');
    work.report({ kind: 'note', level: 'warn', text: `${living} does not say how it was made: ${why ?? ''}` });
    return null;
  }
}

function brokenByLoss(error: string): Finding {
  return {
    severity: 'warning',
    code: 'statement-failed',
    message: `the salvaged rows do not hold what was demanded of them: ${error}`,
    hint: 'Rows that were lost are missed here: bring them back from an older backup, then make the constraint or index anew.',
  };
}

/** Without what was not asked for; and what somebody else wrote with psql's own commands locked. */
function guarded(filling: Filling, target: LoadTarget, script: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { owners, privileges, source } = filling.request;
  const wanted = owners && privileges ? script : withoutOwnersOrPrivileges(script, { owners, privileges });
  if (source.isForeign !== true) return wanted;
  if (canBeLocked(target.tools.version)) return locked(wanted, randomBytes(16).toString('hex'));
  filling.findings = [...filling.findings, notLocked(target.tools.version)];
  return wanted;
}

function notLocked(version: string): Finding {
  return {
    severity: 'warning',
    code: 'psql-not-locked',
    message: `psql ${version} cannot be locked against commands in a script; the script was searched for them and holds none`,
    hint: 'Update PostgreSQL’s client tools to a release of August 2025 or later.',
  };
}

async function create(filling: Filling, wanted: DatabaseStatements, toc: ArchiveToc | null): Promise<void> {
  const { beforeCreate } = filling.request;
  const statements = beforeCreate === undefined ? wanted : await beforeCreate(filling.guard, toc, wanted);
  filling.statements = statements;
  filling.findings = await createDatabase(filling.guard, statements.create, filling.request, (isCreated) => {
    filling.isCreated = isCreated;
  });
  await applyProperties(filling.guard, statements.properties);
}

async function loadTarget(filling: Filling, toolMajor: number, signal: AbortSignal): Promise<LoadTarget> {
  const { context, request, facts, guard } = filling;
  return {
    tools: await findTools(context.address, toolMajor, context.environment, signal),
    address: withDatabase(context.address, request.name),
    owners: request.owners,
    privileges: request.privileges,
    serverMajor: facts.major,
    settings: await loadSettings(guard),
  };
}
