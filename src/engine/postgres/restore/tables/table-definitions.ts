/**
 * The definitions of chosen tables under new names, written by PostgreSQL itself: the archive's definitions, without any
 * rows, make a model database; there the tables and everything named with them are renamed, and pg_dump writes down what came
 * out. So nothing that stands in a definition (expressions, defaults, whole-row references) has to be edited as text.
 */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import type { Work } from '../../../../domain/work.ts';
import { makeTemporaryDirectory } from '../../../../system/temporary-directory.ts';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { findClientTools, type ClientTools } from '../../client-tools.ts';
import { withDatabase } from '../../connection/address.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { qualifiedName, quoteIdentifier } from '../../quote.ts';
import type { ServerFacts } from '../../server-facts.ts';
import { startTool } from '../../start-tool.ts';
import type { RestoreContext } from '../context.ts';
import { createDatabase, createMissingSchemas, plainStatements } from '../database/create-database.ts';
import { databaseStatements } from '../database/database-statements.ts';
import { writerMajor } from '../load/archive-writer.ts';
import { databaseArgument } from '../load/conninfo.ts';
import { needsPlainSql } from '../load/load-archive.ts';
import { loadScript, loadStream, writeList, type LoadTarget } from '../load/pg-restore.ts';
import { archiveAsSql, withoutUnknownSetting } from '../load/plain-sql.ts';
import { readHead, readToc } from '../load/read-head.ts';
import { clearUp, dropDatabase, freeRestoringName, markInUse } from '../maintenance.ts';
import type { ChosenTable } from './choose-tables.ts';
import { defineStatistics, readParts, renamePart, type NamedPart, type RenamedPart } from './model-names.ts';

export interface DefinitionRequest {
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly tables: readonly ChosenTable[];
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Whether foreign keys, triggers and rules come along. */
  readonly ties: boolean;
  newName(part: NamedPart): string;
}

export interface TableDefinitions {
  /** By table, in the order of the request. */
  readonly parts: readonly (readonly RenamedPart[])[];
  /** SQL up to where rows can come in, and from there on. */
  readonly before: Buffer;
  readonly after: Buffer;
  readonly tools: ClientTools;
}

/** `guard` is connected to another database; the model is gone when this returns. */
export async function defineTables(
  context: RestoreContext,
  request: DefinitionRequest,
  guard: Session,
  facts: ServerFacts,
  work: Work,
): Promise<TableDefinitions> {
  const name = await freeRestoringName(guard, context.address.database, context.random);
  await markInUse(guard, name);
  await using directory = await makeTemporaryDirectory('restore');
  await using head = await readHead(request.source.open(request.artifact, work));
  const { toc } = head;
  const tools = await findClientTools(Math.max(writerMajor(toc), facts.major), context.environment);
  const target: LoadTarget = {
    ...request,
    tools,
    address: withDatabase(context.address, name),
    serverMajor: facts.major,
    settings: [],
  };
  const state = { isCreated: false };
  try {
    await createModel(guard, toc, target, (isCreated) => {
      state.isCreated = isCreated;
    });
    if (request.source.manifest.scope.kind === 'tables') await createMissingSchemas(guard, name, toc, work.signal);
    const list = join(directory.path, 'definitions.list');
    await writeList(
      list,
      definitionEntries(toc, request.privileges).map(({ dumpId }) => dumpId),
    );
    await loadDefinitions(target, head.bytes, list, work.signal);
    await using session = await openSession(target.address, { purpose: 'restore', signal: work.signal });
    const parts = await renameTables(session, request);
    const { before, after, toc: written } = await writeDefinitions(target, request, parts, directory.path, work.signal);
    // pg_dump of chosen tables leaves out their extended statistics.
    const hasStatistics = written.entries.some(({ desc }) => desc === 'STATISTICS');
    const statistics = hasStatistics ? '' : await defineStatistics(session, parts.flat(), request.owners);
    return { parts, tools, before, after: Buffer.concat([after, Buffer.from(statistics)]) };
  } finally {
    if (state.isCreated) await clearUp(work, `database ${name}`, () => dropDatabase(context.address, name));
  }
}

async function createModel(
  guard: Session,
  toc: ArchiveToc,
  target: LoadTarget,
  note: (isCreated: boolean) => void,
): Promise<void> {
  const { database } = target.address;
  const statements =
    databaseStatements(toc, database, { ...target, owners: false, privileges: false }) ?? plainStatements(database);
  await createDatabase(guard, statements.create, { acceptPlainLocale: true }, note);
}

/** What has no rows and starts nothing. */
const leftOut: ReadonlySet<string> = new Set([
  'BLOB',
  'BLOB METADATA',
  'BLOBS',
  'DATABASE',
  'DATABASE PROPERTIES',
  'DEFAULT ACL',
  'EVENT TRIGGER',
  'MATERIALIZED VIEW DATA',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'STATISTICS DATA',
  'SUBSCRIPTION',
  'SUBSCRIPTION TABLE',
  'TABLE DATA',
]);
const remarks: ReadonlySet<string> = new Set(['ACL', 'COMMENT', 'SECURITY LABEL']);

function definitionEntries(toc: ArchiveToc, privileges: boolean): readonly TocEntry[] {
  const out = new Set(toc.entries.filter(({ desc }) => leftOut.has(desc)).map(({ dumpId }) => dumpId));
  return toc.entries.filter((entry) => {
    if (out.has(entry.dumpId) || (!privileges && entry.desc === 'ACL')) return false;
    return !remarks.has(entry.desc) || !entry.dependencies.some((id) => out.has(id));
  });
}

async function loadDefinitions(
  target: LoadTarget,
  bytes: AsyncIterable<Uint8Array>,
  list: string,
  signal: AbortSignal,
): Promise<void> {
  if (!needsPlainSql(target)) return loadStream(target, bytes, signal, list);
  const choices = { ...target, further: [`--use-list=${list}`], reading: 'while-wanted' } as const;
  await loadScript(target, withoutUnknownSetting(archiveAsSql(choices, bytes, signal)), signal);
}

async function renameTables(
  session: Session,
  request: DefinitionRequest,
): Promise<readonly (readonly RenamedPart[])[]> {
  const all: (readonly RenamedPart[])[] = [];
  for (const { schema, table } of request.tables) {
    await untieFromParents(session, schema, table);
    const parts = (await readParts(session, schema, table)) ?? [];
    for (const part of parts) await session.query(renamePart(part, request.newName(part)));
    all.push(parts.map((part) => ({ ...part, newName: request.newName(part) })));
  }
  return all;
}

/** A second child of the same parent would show its rows there twice. */
async function untieFromParents(session: Session, schema: string, table: string): Promise<void> {
  const parents = await session.query<{ schema: string; name: string; partitioned: boolean }>(
    `select n.nspname::text as schema, p.relname::text as name, p.relkind = 'p' as partitioned
       from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace n on n.oid = p.relnamespace
            join pg_class c on c.oid = i.inhrelid join pg_namespace m on m.oid = c.relnamespace
      where m.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  const child = qualifiedName(schema, table);
  for (const { schema: place, name, partitioned } of parents) {
    const parent = qualifiedName(place, name);
    await session.query(
      partitioned ? `alter table ${parent} detach partition ${child}` : `alter table ${child} no inherit ${parent}`,
    );
  }
}

async function writeDefinitions(
  target: LoadTarget,
  request: DefinitionRequest,
  parts: readonly (readonly RenamedPart[])[],
  directory: string,
  signal: AbortSignal,
): Promise<{ readonly before: Buffer; readonly after: Buffer; readonly toc: ArchiveToc }> {
  const archive = join(directory, 'model');
  const tables = parts.flat().filter(({ kind }) => kind === 'TABLE');
  await dumpTables(target, tables, archive, signal);
  const toc = await readToc(createReadStream(archive) as AsyncIterable<Uint8Array>);
  const ties: ReadonlySet<string> = new Set(request.ties ? [] : ['FK CONSTRAINT', 'TRIGGER', 'RULE']);
  const wanted = toc.entries.filter(({ desc }) => desc !== 'TABLE DATA' && !ties.has(desc));
  const isBefore = (entry: TocEntry): boolean => entry.section === 'pre-data';
  const write = async (name: string, entries: readonly TocEntry[]): Promise<Buffer> => {
    const list = join(directory, name);
    await writeList(
      list,
      entries.map(({ dumpId }) => dumpId),
    );
    const script = archiveAsSql({ ...target, further: [`--use-list=${list}`] }, archive, signal);
    return gather(target.serverMajor < target.tools.major ? withoutUnknownSetting(script) : script);
  };
  return {
    toc,
    before: await write('before.list', wanted.filter(isBefore)),
    after: await write(
      'after.list',
      wanted.filter((entry) => !isBefore(entry)),
    ),
  };
}

async function dumpTables(
  target: LoadTarget,
  tables: readonly RenamedPart[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const pattern = ({ schema, newName }: RenamedPart): string =>
    `${quoteIdentifier(schema)}.${quoteIdentifier(newName)}`;
  await using child = await startTool(
    {
      tools: target.tools,
      name: 'pg_dump',
      args: [
        '--format=custom',
        '--compress=0',
        '--no-password',
        '--encoding=UTF8',
        '--strict-names',
        `--file=${path}`,
        ...tables.map((table) => `--table=${pattern(table)}`),
        databaseArgument(target.address.database),
      ],
      address: target.address,
    },
    signal,
  );
  child.stdout?.resume();
  await child.succeed();
}

async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}
