/**
 * `restore --in-place`: for servers where no database can be created beside. In one transaction everything that the database
 * holds is dropped and every statement of the backup run; the copy is compared from within, and only then committed. A
 * failure, an interruption, a lost connection at any point leaves exactly what was there: the server rolls back.
 */

import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { noRoles } from '../../../../domain/role-map.ts';
import type { Work } from '../../../../domain/work.ts';
import type { RestoredCopy, RestorePlan } from '../../../engine.ts';
import { describePlace } from '../../connection/address.ts';
import { openSession, pinSettings, type Session } from '../../connection/session.ts';
import { readServerFacts, type ServerFacts } from '../../server-facts.ts';
import { findTools } from '../../via/find-tools.ts';
import type { RestoreContext } from '../context.ts';
import { writerMajor } from '../load/archive-writer.ts';
import { chooseArtifact } from '../load/choose-artifact.ts';
import { loadSettings } from '../load/load-settings.ts';
import { archiveAsSql } from '../load/plain-sql.ts';
import { readHead } from '../load/read-head.ts';
import { emptyDatabase, type EmptiedDatabase } from './empty-database.ts';
import { runScript } from './script/run-script.ts';
import { armGuard } from './transaction/commit-guard.ts';
import { restoreDatabaseItself } from './transaction/database-itself.ts';
import { lockDatabase } from './transaction/lock-database.ts';
import { demandNothingNew, readHoldings, type Holdings } from './transaction/unseen-changes.ts';
import { makeUncommittedCopy } from './uncommitted-copy.ts';

/** `whenStill` is called when nobody can write any more and nothing was changed yet. */
export async function restoreInPlace(
  context: RestoreContext,
  plan: RestorePlan,
  source: BackupSource,
  whenStill: () => Promise<void>,
  work: Work,
): Promise<RestoredCopy> {
  const session = await openSession(context.address, { purpose: 'restore', signal: work.signal });
  try {
    const facts = await readServerFacts(session);
    await session.query('begin isolation level read committed read write');
    const { ended, holdings } = await lockAll(session, whenStill, work);
    const startedMs = context.clock.monotonicMs();
    work.report({ kind: 'step', text: `dropping what ${facts.database} holds, not yet committed` });
    const emptied = await emptyDatabase(session, facts);
    await demandNothingNew(session, holdings, work.signal);
    await armGuard(session);
    work.report({ kind: 'step', text: `restoring into ${facts.database}, not yet committed` });
    const loaded = await load({ context, plan, source, session, facts, emptied }, work);
    await pinSettings(session);
    return makeUncommittedCopy(session, {
      description: `database ${facts.database} on ${describePlace(context.address)}, in one transaction`,
      restoreMs: context.clock.monotonicMs() - startedMs,
      findings: [...endedFindings(ended), ...emptied.findings, ...loaded],
      announced: emptied.announced,
      majors: [source.manifest.origin.majorVersion, facts.major],
      roles: plan.request.roles ?? noRoles,
    });
  } catch (thrown) {
    await session.query('rollback').catch(() => undefined);
    await session[Symbol.asyncDispose]();
    throw session.lost.aborted && !work.signal.aborted ? session.lost.reason : thrown;
  }
}

async function lockAll(
  session: Session,
  whenStill: () => Promise<void>,
  work: Work,
): Promise<{ readonly ended: number; readonly holdings: Holdings }> {
  work.report({ kind: 'step', text: 'locking every table against writers' });
  const writers = await lockDatabase(session, 'exclusive', work.signal);
  const holdings = await readHoldings(session);
  await whenStill();
  work.signal.throwIfAborted();
  work.report({ kind: 'step', text: 'locking every table' });
  return { ended: writers + (await lockDatabase(session, 'access exclusive', work.signal)), holdings };
}

interface Loading {
  readonly context: RestoreContext;
  readonly plan: RestorePlan;
  readonly source: BackupSource;
  readonly session: Session;
  readonly facts: ServerFacts;
  readonly emptied: EmptiedDatabase;
}

async function load(loading: Loading, work: Work): Promise<readonly Finding[]> {
  const { plan, source, session, facts, emptied } = loading;
  for (const setting of await loadSettings(session)) {
    const [name = '', value = ''] = setting.split('=');
    await session.query('select set_config($1, $2, true)', [name, value]);
  }
  const artifact = chooseArtifact(source.manifest, ['archive', 'sql']);
  const options = { serverMajor: facts.major, ...emptied };
  const bytes = followed(source.open(artifact, work), artifact, work);
  if (artifact.role === 'sql') {
    await runScript(session, bytes, options, work.signal);
    return [];
  }
  await using head = await readHead(bytes, plan.request.roles);
  const owners = plan.request.owners && source.manifest.owners;
  const { privileges } = plan.request;
  const { environment } = loading.context;
  const tools = await findTools(session.address, writerMajor(head.toc), environment, work.signal);
  await runScript(session, archiveAsSql({ tools, owners, privileges }, head.bytes, work.signal), options, work.signal);
  await pinSettings(session);
  return await restoreDatabaseItself(session, head.toc, { owners, privileges, serverMajor: facts.major });
}

async function* followed(
  bytes: AsyncIterable<Uint8Array>,
  artifact: ArtifactRecord,
  work: Work,
): AsyncGenerator<Uint8Array> {
  let doneBytes = 0;
  for await (const chunk of bytes) {
    yield chunk;
    doneBytes += chunk.length;
    work.report({ kind: 'bytes', doneBytes, totalBytes: artifact.plainBytes });
  }
}

function endedFindings(sessions: number): readonly Finding[] {
  if (sessions === 0) return [];
  const message = `${String(sessions)} session${sessions === 1 ? ' was' : 's were'} in the way of the locks and ended`;
  return [{ severity: 'note', code: 'sessions-ended', message, hint: '' }];
}
