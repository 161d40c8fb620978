/** `restore --table`: chosen tables to a file, beside the living ones, or in their place. */

import type { BackupSource } from '../../../../domain/artifact.ts';
import type { Work } from '../../../../domain/work.ts';
import type { RestoredTable, TableRequest } from '../../../engine.ts';
import { readServerFacts } from '../../server-facts.ts';
import type { RestoreContext } from '../context.ts';
import { restoreErrors } from '../errors.ts';
import { chooseArtifact } from '../load/choose-artifact.ts';
import { readToc } from '../load/read-head.ts';
import { clearUp, openMaintenance } from '../maintenance.ts';
import { fitName, nameTime } from '../names.ts';
import { chooseTables, displayName } from './choose-tables.ts';
import { dropTables, loadBeside, type LoadedTable } from './load-beside.ts';
import { replaceTables } from './replace-tables.ts';
import { defineTables, type DefinitionRequest } from './table-definitions.ts';
import { writeTableFile } from './write-table-file.ts';

export async function restoreTables(
  context: RestoreContext,
  request: TableRequest,
  source: BackupSource,
  work: Work,
): Promise<readonly RestoredTable[]> {
  const artifact = chooseArtifact(source.manifest, ['archive']);
  const owners = request.owners && source.manifest.owners;
  const { destination } = request;
  if (destination.kind === 'file') {
    return writeTableFile(context, { ...request, owners, source, artifact, path: destination.path }, work);
  }
  const toc = await readToc(source.open(artifact, work));
  const tables = chooseTables(toc, request.tables);
  const partitioned = tables.find(({ isPartitioned }) => isPartitioned);
  if (partitioned !== undefined) {
    throw restoreErrors.make('target-unfit', `${displayName(partitioned.schema, partitioned.table)} is partitioned`);
  }
  const time = context.clock.now();
  const suffix = `_restored_${nameTime(time)}`;
  const definition: DefinitionRequest = {
    source,
    artifact,
    tables,
    owners,
    privileges: request.privileges,
    ties: destination.kind === 'replace',
    newName: ({ name }) => fitName(name, suffix),
  };
  const loaded = await load(context, definition, work);
  if (destination.kind === 'beside') return loaded.map((table) => result(table, table.newName, null));
  try {
    const kept = await replaceTables(context, loaded, time, work);
    return loaded.map((table, at) => result(table, table.chosen.table, kept[at] ?? null));
  } catch (thrown) {
    await clearUp(work, 'the restored tables', () => dropTables(context, loaded));
    throw thrown;
  }
}

async function load(context: RestoreContext, request: DefinitionRequest, work: Work): Promise<readonly LoadedTable[]> {
  await using guard = await openMaintenance(context.address, [context.address.database], work.signal);
  const facts = await readServerFacts(guard);
  work.report({ kind: 'step', text: 'working out the definitions' });
  const definitions = await defineTables(context, request, guard, facts, work);
  return await loadBeside(context, request, definitions, facts, work);
}

function result(table: LoadedTable, name: string, keptAs: string | null): RestoredTable {
  const { schema, table: original } = table.chosen;
  return {
    table: displayName(schema, original),
    restoredAs: displayName(schema, name),
    keptAs: keptAs === null ? null : displayName(schema, keptAs),
    rows: table.rows,
    indexes: table.indexes,
  };
}
