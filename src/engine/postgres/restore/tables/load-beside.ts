/**
 * Chosen tables with their rows under new names, beside the living ones, in one transaction: all of them or none. The
 * rows are those of the archive, straight from it; afterwards they are read back and compared with the fingerprint.
 */

import { join } from 'node:path';
import type { Fingerprint } from '../../../../domain/fingerprint.ts';
import type { Work } from '../../../../domain/work.ts';
import { makeTemporaryDirectory } from '../../../../system/temporary-directory.ts';
import { openSession } from '../../connection/session.ts';
import { hashTables } from '../../fingerprint/copy/copy-reader.ts';
import { qualifiedName } from '../../quote.ts';
import type { ServerFacts } from '../../server-facts.ts';
import type { RestoreContext } from '../context.ts';
import { restoreErrors } from '../errors.ts';
import { clearUp } from '../maintenance.ts';
import { loadSettings } from '../load/load-settings.ts';
import { loadScript, writeList, type LoadTarget } from '../load/pg-restore.ts';
import { archiveAsSql, withoutUnknownSetting } from '../load/plain-sql.ts';
import { displayName, type ChosenTable } from './choose-tables.ts';
import { redirectCopies } from './redirect-copies.ts';
import type { RenamedPart } from './model-names.ts';
import type { DefinitionRequest, TableDefinitions } from './table-definitions.ts';

export interface LoadedTable {
  readonly chosen: ChosenTable;
  /** The table's own name first among equals: kind `TABLE`. */
  readonly parts: readonly RenamedPart[];
  readonly newName: string;
  readonly rows: number;
  readonly indexes: number;
}

/** Throws with nothing left behind. */
export async function loadBeside(
  context: RestoreContext,
  request: DefinitionRequest,
  definitions: TableDefinitions,
  facts: ServerFacts,
  work: Work,
): Promise<readonly LoadedTable[]> {
  const tables = request.tables.map((chosen, at) => describe(chosen, definitions.parts[at] ?? []));
  await using directory = await makeTemporaryDirectory('restore');
  const list = join(directory.path, 'rows.list');
  await writeList(
    list,
    request.tables.flatMap(({ data }) => (data === null ? [] : [data.dumpId])),
  );
  work.report({ kind: 'step', text: `loading ${tables.map(({ newName }) => newName).join(', ')}` });
  await using session = await openSession(context.address, { purpose: 'restore', signal: work.signal });
  const target: LoadTarget = {
    ...request,
    tools: definitions.tools,
    address: context.address,
    serverMajor: facts.major,
    settings: await loadSettings(session),
  };
  await loadScript(target, script(target, request, definitions, tables, list, work), work.signal);
  try {
    work.signal.throwIfAborted();
    return await verify(context, tables, await request.source.fingerprint(work), work);
  } catch (thrown) {
    await clearUp(work, 'the restored tables', () => dropTables(context, tables));
    throw thrown;
  }
}

/** Removes what was loaded. Not bound to the run's signal. */
export async function dropTables(
  context: RestoreContext,
  tables: readonly { chosen: ChosenTable; newName: string }[],
): Promise<void> {
  await using session = await openSession(context.address, {
    purpose: 'cleanup',
    signal: new AbortController().signal,
  });
  const names = tables.map(({ chosen, newName }) => qualifiedName(chosen.schema, newName));
  await session.query(`drop table if exists ${names.join(', ')}`);
}

function describe(chosen: ChosenTable, parts: readonly RenamedPart[]): Omit<LoadedTable, 'rows'> {
  const table = parts.find(({ kind }) => kind === 'TABLE');
  if (table === undefined) throw new TypeError(`${chosen.table} is not in the model database`);
  return { chosen, parts, newName: table.newName, indexes: parts.filter(({ kind }) => kind === 'INDEX').length };
}

async function* script(
  target: LoadTarget,
  request: DefinitionRequest,
  definitions: TableDefinitions,
  tables: readonly { chosen: ChosenTable; newName: string }[],
  list: string,
  work: Work,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from('BEGIN;\n');
  yield definitions.before;
  const withRows = tables.filter(({ chosen }) => chosen.data !== null);
  const names = withRows.map(({ chosen, newName }) => Buffer.from(qualifiedName(chosen.schema, newName)));
  if (names.length > 0) {
    const bytes = request.source.open(request.artifact, work);
    const rows = archiveAsSql({ ...target, further: [`--use-list=${list}`] }, bytes, work.signal);
    yield* redirectCopies(target.serverMajor < target.tools.major ? withoutUnknownSetting(rows) : rows, names);
  }
  yield definitions.after;
  yield Buffer.from('COMMIT;\n');
}

async function verify(
  context: RestoreContext,
  tables: readonly Omit<LoadedTable, 'rows'>[],
  fingerprint: Fingerprint | null,
  work: Work,
): Promise<readonly LoadedTable[]> {
  const expected = tables.map(({ chosen }) =>
    fingerprint?.tables.find((one) => one.schema === chosen.schema && one.table === chosen.table),
  );
  const found = await hashTables(
    context.address,
    tables.map(({ chosen, newName }, at) => ({
      schema: chosen.schema,
      table: newName,
      columns: expected[at]?.columns ?? [],
    })),
    { snapshot: null, connections: 2, encoding: fingerprint?.encoding ?? 'UTF8', signal: work.signal },
  );
  return tables.map((table, at) => {
    const [was, is] = [expected[at], found[at]];
    const name = displayName(table.chosen.schema, table.chosen.table);
    const rows = is?.rows ?? 0;
    if (was !== undefined && was.rows !== rows) {
      throw restoreErrors.make(
        'rows-differ',
        `${name} has ${String(rows)} rows, and had ${String(was.rows)} in the backed-up database`,
      );
    }
    if (was !== undefined && was.sum !== null && is?.sum.toString(16).padStart(16, '0') !== was.sum) {
      throw restoreErrors.make('rows-differ', `the rows of ${name} are not those of the backed-up database`);
    }
    return { ...table, rows };
  });
}
