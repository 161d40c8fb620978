/** Single tables from a backup: unpacks the image into a private folder and runs the job on it. */

import { open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BackupSource } from '../../../domain/artifact.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredTable, RestorePlan, TableDestination, TableRequest } from '../../engine.ts';
import { sqliteErrors } from '../errors.ts';
import { imageArtifact, writeImage } from '../image/image-file.ts';
import { makeWorkingFolder } from '../image/working-folder.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { runJob } from '../job/run-job.ts';
import { underscoredTime } from '../restore/file-names.ts';
import type { DatabaseFile } from '../target/database-file.ts';
import { findName, parseTableName } from './table-name.ts';
import type { TablesRequest, TablesResult } from './table-job.ts';

export async function planTables(
  file: DatabaseFile,
  request: TableRequest,
  source: BackupSource,
  work: Work,
): Promise<Pick<RestorePlan, 'steps' | 'findings'>> {
  const fingerprint = await source.fingerprint(work);
  const tables = fingerprint?.tables ?? null;
  const findings: Finding[] = request.destination.kind === 'file' ? [] : [...file.findings];
  const names = request.tables.map((written) => {
    const name = parseTableName(written);
    const found =
      tables === null
        ? name
        : findName(
            tables.map((table) => table.table),
            name,
          );
    if (found === null) findings.push(missing(written, tables?.map((table) => table.table) ?? []));
    return found ?? name;
  });
  if (request.destination.kind === 'replace') findings.push(keptKeys);
  const steps = names.map((name) => {
    const rows = tables?.find((table) => table.table === name)?.rows;
    return step(name, rows === undefined ? 'all rows' : `${String(rows)} rows`, file, request.destination);
  });
  return { steps: ['unpack the image into a private folder', ...steps], findings };
}

export async function restoreTables(
  file: DatabaseFile,
  request: TableRequest,
  source: BackupSource,
  clock: Clock,
  work: Work,
): Promise<readonly RestoredTable[]> {
  const besides = request.destination.kind === 'file' ? null : file.folder;
  await using folder = await makeWorkingFolder(imageArtifact(source).plainBytes, besides);
  const image = join(folder.path, 'image.db');
  work.report({ kind: 'step', text: 'unpacking the image' });
  await writeImage(source, image, work);
  const time = underscoredTime(clock.now());
  const job = { image, tables: request.tables, time };
  work.report({ kind: 'step', text: `restoring ${request.tables.join(', ')}` });
  if (request.destination.kind === 'file') {
    const path = resolve(request.destination.path);
    const written = await writeText({ ...job, database: null, way: 'text' }, path, work);
    return written.map((table) => ({ ...table, restoredAs: path }));
  }
  return await runJob('tables', { ...job, database: file.path, way: request.destination.kind }, work);
}

/** A new file (0600); on failure there is none. */
async function writeText(job: TablesRequest, path: string, work: Work): Promise<TablesResult> {
  await using text = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw asHoldfastError(cause, path);
    throw sqliteErrors.make('sqlite-target-exists', `there is a file ${path} already`);
  });
  try {
    const written = await runJob('tables', job, work, (piece) => text.writeFile(piece));
    await text.sync();
    return written;
  } catch (cause) {
    await rm(path, { force: true });
    throw cause;
  }
}

function step(name: string, rows: string, file: DatabaseFile, destination: TableDestination): string {
  switch (destination.kind) {
    case 'file':
      return `write table ${name} (${rows}), its indexes and triggers to ${destination.path}`;
    case 'beside':
      return `create ${name}_restored_<time> in ${file.path} with ${rows} and its indexes`;
    case 'replace':
      return `rename ${name} in ${file.path} to ${name}_before_<time>, and create ${name} with ${rows}, its indexes and triggers`;
  }
}

function missing(written: string, names: readonly string[]): Finding {
  return {
    severity: 'blocking',
    code: 'sqlite-table-missing',
    message: `the backup has no table ${written}`,
    hint: `It has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`,
  };
}

const keptKeys: Finding = {
  severity: 'note',
  code: 'sqlite-kept-table-keys',
  message: 'the kept table keeps its foreign keys: rows it points at cannot be deleted where they are enforced',
  hint: 'Drop the kept table once you do not need it any more.',
};
