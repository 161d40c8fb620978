/** Chosen tables as a file of SQL, with everything that belongs to them. Needs no server. */

import { createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import type { Work } from '../../../../domain/work.ts';
import { fsyncDirectory } from '../../../../system/atomic-file.ts';
import { makeTemporaryDirectory } from '../../../../system/temporary-directory.ts';
import { SqlScriptScanner, type ScriptScan } from '../../artifact/sql-script-scan.ts';
import { findClientTools } from '../../client-tools.ts';
import type { RestoredTable } from '../../../engine.ts';
import type { RestoreContext } from '../context.ts';
import { restoreErrors } from '../errors.ts';
import { writerMajor } from '../load/archive-writer.ts';
import { writeList } from '../load/pg-restore.ts';
import { archiveAsSql } from '../load/plain-sql.ts';
import { readHead } from '../load/read-head.ts';
import { chooseTables, displayName, type ChosenTable } from './choose-tables.ts';
import { entriesOfTables } from './table-entries.ts';

export interface TableFileRequest {
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly tables: readonly string[];
  readonly path: string;
  readonly owners: boolean;
  readonly privileges: boolean;
}

/** The file is whole or not there. Throws `table-file-exists`. */
export async function writeTableFile(
  context: RestoreContext,
  request: TableFileRequest,
  work: Work,
): Promise<readonly RestoredTable[]> {
  await using head = await readHead(request.source.open(request.artifact, work));
  const tables = chooseTables(head.toc, request.tables);
  const tools = await findClientTools(writerMajor(head.toc), context.environment);
  const entries = entriesOfTables(head.toc, tables);
  await using directory = await makeTemporaryDirectory('restore');
  const list = join(directory.path, 'tables.list');
  await writeList(
    list,
    entries.map(({ dumpId }) => dumpId),
  );
  const script = archiveAsSql({ ...request, tools, further: [`--use-list=${list}`] }, head.bytes, work.signal);
  const temporary = `${request.path}.${context.random()}.part`;
  try {
    const scan = await writeScanned(script, temporary);
    await moveInPlace(temporary, request.path);
    const indexes = (table: ChosenTable): number => entries.filter((entry) => isIndexOf(entry, table)).length;
    return await Promise.all(tables.map((table) => describe(table, scan, indexes(table), request, work)));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeScanned(script: AsyncIterable<Uint8Array>, path: string): Promise<ScriptScan> {
  const scanner = new SqlScriptScanner();
  await pipeline(
    async function* () {
      for await (const chunk of script) {
        scanner.push(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
  );
  return scanner.finish();
}

/** link(2) refuses a name that is taken, which rename(2) does not. */
async function moveInPlace(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw restoreErrors.make('table-file-exists', `${path} is there already`, { cause });
  }
  await fsyncDirectory(dirname(path));
}

async function describe(
  table: ChosenTable,
  scan: ScriptScan,
  indexes: number,
  request: TableFileRequest,
  work: Work,
): Promise<RestoredTable> {
  const name = displayName(table.schema, table.table);
  const rows = scan.tables
    .filter((one) => one.schema === table.schema && one.table === table.table)
    .reduce((sum, one) => sum + one.rows, 0);
  const fingerprint = await request.source.fingerprint(work);
  const expected = fingerprint?.tables.find((one) => one.schema === table.schema && one.table === table.table);
  // Rows of a partition may be written for its root; they are counted there.
  if (expected !== undefined && expected.loadedVia === undefined && expected.rows !== rows) {
    await rm(request.path, { force: true });
    throw restoreErrors.make(
      'rows-differ',
      `${name} has ${String(rows)} rows, and had ${String(expected.rows)} in the backed-up database`,
    );
  }
  return { table: name, restoredAs: request.path, keptAs: null, rows, indexes };
}

function isIndexOf(
  entry: { readonly desc: string; readonly definition: string; readonly dependencies: readonly number[] },
  table: ChosenTable,
): boolean {
  if (!entry.dependencies.includes(table.entry.dumpId)) return false;
  return (
    entry.desc === 'INDEX' ||
    (entry.desc === 'CONSTRAINT' && /\b(?:PRIMARY KEY|UNIQUE|EXCLUDE)\b/.test(entry.definition))
  );
}
