/**
 * Roles, settings and tablespaces of a server come back from a backup. Roles, their settings, memberships and privileges in one
 * transaction: all or none, and every statement that fails is named, not only the first. Then tablespaces one by one, which
 * PostgreSQL creates outside of transactions. At the end both sides are read and compared again.
 */

import type { BackupSource } from '../../../domain/artifact.ts';
import { messageOf } from '../../../domain/error.ts';
import type { Work } from '../../../domain/work.ts';
import type { GlobalItem, GlobalsPlan, GlobalsRequest } from '../../engine.ts';
import { describePlace } from '../connection/address.ts';
import type { Session } from '../connection/session.ts';
import type { RestoreContext } from '../restore/context.ts';
import { openMaintenance } from '../restore/maintenance.ts';
import { readServerFacts, type ServerFacts } from '../server-facts.ts';
import { globalsErrors } from './errors.ts';
import { globalsFindings } from './globals-findings.ts';
import { readPresentServer, readStoredGlobals } from './read-globals.ts';
import { weighGlobals, type WeighedItem } from './weigh-globals.ts';

export async function planGlobals(
  context: RestoreContext,
  request: GlobalsRequest,
  source: BackupSource,
  work: Work,
): Promise<GlobalsPlan> {
  await using session = await openMaintenance(context.address, [], work.signal);
  const { findings, items } = await weigh(context, request, source, session, work);
  return { server: describePlace(context.address), items: items.map(withoutStatements), findings };
}

export async function restoreGlobals(
  context: RestoreContext,
  request: GlobalsRequest,
  source: BackupSource,
  work: Work,
): Promise<GlobalsPlan> {
  await using session = await openMaintenance(context.address, [], work.signal);
  const { findings, items, facts } = await weigh(context, request, source, session, work);
  const [blocked] = findings.filter(({ severity }) => severity === 'blocking');
  if (blocked !== undefined) {
    throw globalsErrors.make('globals-not-restored', blocked.message, { hint: blocked.hint });
  }
  const wanted = items.filter(({ statements }) => statements.length > 0);
  if (facts.isSuperuser) await hideFromServerLog(session);
  work.report({ kind: 'step', text: 'restoring roles and settings' });
  await runTogether(
    session,
    wanted.filter(({ kind }) => kind !== 'tablespace'),
  );
  work.report({ kind: 'step', text: 'restoring tablespaces' });
  await runOneByOne(
    session,
    wanted.filter(({ kind }) => kind === 'tablespace'),
    work,
  );
  work.report({ kind: 'step', text: 'comparing roles and settings' });
  demandDone(wanted, (await weigh(context, request, source, session, work)).items);
  return { server: describePlace(context.address), items: items.map(withoutStatements), findings };
}

interface WeighedServer {
  readonly items: readonly WeighedItem[];
  readonly findings: GlobalsPlan['findings'];
  readonly facts: ServerFacts;
}

async function weigh(
  context: RestoreContext,
  request: GlobalsRequest,
  source: BackupSource,
  session: Session,
  work: Work,
): Promise<WeighedServer> {
  const stored = await readStoredGlobals(source, request.roles, work);
  const facts = await readServerFacts(session);
  const { present, hasPasswords } = await readPresentServer(context, session, facts, work);
  const arePasswordsKnown = hasPasswords && stored.hasPasswords;
  const { replace } = request;
  const weighing = {
    wanted: stored.globals,
    present,
    arePasswordsKnown,
    replace,
    withTablespaces: request.tablespaces,
  };
  const items = weighGlobals(weighing);
  const weighed = { request, manifest: source.manifest, stored, present, arePasswordsKnown, items };
  return { items, facts, findings: await globalsFindings(weighed, session, facts) };
}

function withoutStatements({ kind, name, state, deed, what }: WeighedItem): GlobalItem {
  return { kind, name, state, deed, what };
}

/** Statements that set a password hold its hash: the server must not write them down. */
async function hideFromServerLog(session: Session): Promise<void> {
  await session.query(
    `select set_config(name, value, false)
       from (values ('log_statement', 'none'), ('log_min_error_statement', 'panic'), ('log_min_duration_statement', '-1'),
                    ('log_min_duration_sample', '-1'), ('log_transaction_sample_rate', '0'), ('log_duration', 'off'),
                    ('pg_stat_statements.track_utility', 'off')) as s(name, value)
      where s.name not like '%.%' or exists (select from pg_settings p where p.name = s.name)`,
  );
}

async function runTogether(session: Session, items: readonly WeighedItem[]): Promise<void> {
  if (items.length === 0) return;
  const failures: string[] = [];
  await session.query('begin');
  try {
    for (const item of items) {
      await session.query('savepoint item');
      const failure = await tryItem(session, item);
      if (failure !== null) failures.push(failure);
      await session.query(failure === null ? 'release savepoint item' : 'rollback to savepoint item');
    }
    await session.query(failures.length === 0 ? 'commit' : 'rollback');
  } catch (thrown) {
    // With the connection gone there is nothing left to roll back: the server has done it.
    await session.query('rollback').catch(() => undefined);
    throw thrown;
  }
  if (failures.length > 0) throw notRestored(`nothing was changed; ${failures.join('; ')}`);
}

async function runOneByOne(session: Session, items: readonly WeighedItem[], work: Work): Promise<void> {
  const failures: string[] = [];
  for (const item of items) {
    work.signal.throwIfAborted();
    const failure = await tryItem(session, item);
    if (failure !== null) {
      failures.push(failure);
      await session.query('reset session authorization');
    }
  }
  if (failures.length > 0) throw notRestored(`roles and settings are restored, but ${failures.join('; ')}`);
}

/** What failed, in the server's words; they never hold the statement. A lost connection is thrown. */
async function tryItem(session: Session, { kind, name, statements }: WeighedItem): Promise<string | null> {
  try {
    for (const statement of statements) await session.query(statement);
    return null;
  } catch (thrown) {
    session.lost.throwIfAborted();
    return `${kind} ${name}: ${messageOf(thrown)}`;
  }
}

/** Restored means that it is there, not that nobody complained. */
function demandDone(wanted: readonly WeighedItem[], now: readonly WeighedItem[]): void {
  const keyOf = ({ kind, name }: GlobalItem): string => JSON.stringify([kind, name]);
  const keys = new Set(wanted.map(keyOf));
  const open = now.filter((item) => keys.has(keyOf(item)) && item.state !== 'same');
  if (open.length === 0) return;
  const list = open.map(({ kind, name, what }) => `${kind} ${name}${what === '' ? '' : ` (${what})`}`).join('; ');
  throw globalsErrors.make('globals-differ', `still not what the backup says: ${list}`);
}

function notRestored(what: string): Error {
  return globalsErrors.make('globals-not-restored', `not everything could be restored: ${what}`);
}
