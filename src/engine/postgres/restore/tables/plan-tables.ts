/** What restoring single tables would do, and what stands in its way: read-only. */

import { existsSync } from 'node:fs';
import type { BackupSource } from '../../../../domain/artifact.ts';
import { HoldfastError } from '../../../../domain/error.ts';
import type { Finding } from '../../../../domain/finding.ts';
import type { Work } from '../../../../domain/work.ts';
import type { RestorePlan, TableRequest } from '../../../engine.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
import { findClientTools } from '../../client-tools.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { readServerFacts } from '../../server-facts.ts';
import type { RestoreContext } from '../context.ts';
import { chooseArtifact } from '../load/choose-artifact.ts';
import { writerMajor } from '../load/archive-writer.ts';
import { readToc } from '../load/read-head.ts';
import { blocking, needFindings, note, planTools, serverFindings } from '../plan/plan-findings.ts';
import { fitName, nameTime } from '../names.ts';
import { chooseTables, displayName, type ChosenTable } from './choose-tables.ts';
import { findTies } from './replace-tables.ts';

type TablePlan = Pick<RestorePlan, 'steps' | 'findings'>;

/** Throws `table-not-in-backup`, `table-ambiguous`, and `artifact-missing` for a backup that is only SQL. */
export async function planTables(
  context: RestoreContext,
  request: TableRequest,
  source: BackupSource,
  work: Work,
): Promise<TablePlan> {
  const artifact = chooseArtifact(source.manifest, ['archive']);
  const toc = await readToc(source.open(artifact, work));
  const tables = chooseTables(toc, request.tables);
  const findings = [
    ...(await planTools(writerMajor(toc), () => findClientTools(writerMajor(toc), context.environment))).findings,
    ...tables.flatMap((table) => shapeFindings(table, source)),
    ...(await placeFindings(context, request, source, toc, tables, work)),
  ];
  return { steps: describeSteps(context, request, tables), findings };
}

function shapeFindings(table: ChosenTable, source: BackupSource): readonly Finding[] {
  const name = displayName(table.schema, table.table);
  if (table.isPartitioned) {
    return [
      blocking(
        'table-partitioned',
        `${name} is partitioned: its rows are in its partitions`,
        'Name the partitions you need, or restore the whole database under another name with --into.',
      ),
    ];
  }
  if (table.data !== null) return [];
  const why =
    source.manifest.scope.kind === 'schema' ? 'the backup holds definitions only' : 'the backup holds no rows of it';
  return [note('table-without-rows', `${name} comes back empty: ${why}`)];
}

async function placeFindings(
  context: RestoreContext,
  request: TableRequest,
  source: BackupSource,
  toc: ArchiveToc,
  tables: readonly ChosenTable[],
  work: Work,
): Promise<readonly Finding[]> {
  if (request.destination.kind === 'file') {
    const { path } = request.destination;
    return existsSync(path) ? [blocking('table-file-exists', `${path} is there already`, 'Choose another path.')] : [];
  }
  const session = await openLiving(context, work);
  if (!('query' in session)) return [session];
  await using living = session;
  const facts = await readServerFacts(living);
  return [
    ...serverFindings(facts, source.manifest, 'model'),
    ...encodingFindings(toc, tables),
    ...(request.owners || request.privileges
      ? await needFindings(living, { roles: rolesOf(tables), tablespaces: [], extensions: [] })
      : []),
    ...(await schemaFindings(living, tables)),
    ...(request.destination.kind === 'replace' ? await tieFindings(living, tables) : [leftOutNote]),
  ];
}

const leftOutNote = note(
  'ties-left-out',
  'foreign keys, triggers and rules are left out of the table beside; indexes, checks, defaults, policies and privileges are not',
);

async function openLiving(context: RestoreContext, work: Work): Promise<Session | Finding> {
  try {
    return await openSession(context.address, { purpose: 'plan', signal: work.signal });
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code !== 'database-missing') throw thrown;
    return blocking(
      'database-missing',
      thrown.message,
      'Restore the whole database, or write the table to a file with --to-file.',
    );
  }
}

/** Names go into a script of the archive's own encoding. */
function encodingFindings(toc: ArchiveToc, tables: readonly ChosenTable[]): readonly Finding[] {
  const isPlain = ({ schema, table }: ChosenTable): boolean => /^[\x20-\x7e]*$/.test(schema + table);
  if (toc.encoding === 'UTF8' || tables.every(isPlain)) return [];
  return [
    blocking(
      'table-name-encoding',
      `the backup is in ${toc.encoding}, and a table's name is not plain ASCII`,
      'Restore the whole database under another name with --into.',
    ),
  ];
}

function rolesOf(tables: readonly ChosenTable[]): readonly string[] {
  return [...new Set(tables.map(({ entry }) => entry.owner).filter((owner) => owner !== ''))];
}

async function schemaFindings(session: Session, tables: readonly ChosenTable[]): Promise<readonly Finding[]> {
  const rows = await session.query<{ name: string }>(
    'select unnest($1::text[]) as name except select nspname::text from pg_namespace order by 1',
    [tables.map(({ schema }) => schema)],
  );
  return rows.map(({ name }) =>
    blocking(
      'schema-missing',
      `the database has no schema ${name} any more`,
      `Create it: CREATE SCHEMA "${name.replaceAll('"', '""')}".`,
    ),
  );
}

async function tieFindings(session: Session, tables: readonly ChosenTable[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const table of tables) findings.push(...(await findTies(session, table)));
  return findings;
}

function describeSteps(
  context: RestoreContext,
  request: TableRequest,
  tables: readonly ChosenTable[],
): readonly string[] {
  const names = tables.map(({ schema, table }) => displayName(schema, table)).join(', ');
  if (request.destination.kind === 'file') {
    return [`write ${names} with rows, indexes and constraints as SQL to ${request.destination.path}`];
  }
  const time = nameTime(context.clock.now());
  const beside = (suffix: string): string =>
    tables.map(({ schema, table }) => displayName(schema, fitName(table, `${suffix}${time}`))).join(', ');
  const load = [
    `create and load ${beside('_restored_')} in one transaction, with indexes`,
    'read the rows back and compare them with the fingerprint',
  ];
  if (request.destination.kind === 'beside') return load;
  return [
    ...load,
    `rename, in one transaction: the living ${names} to ${beside('_before_')}, the restored to ${names}`,
  ];
}
