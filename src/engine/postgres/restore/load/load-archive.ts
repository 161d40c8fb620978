/**
 * From the artifact's bytes to the last statement. The archive goes into a file while its head already creates the
 * database and its tables; then data, indexes and constraints follow in one run with several jobs, so that a table's
 * indexes are built while other tables still load. Where the disk has no room for the file: one job, from the stream.
 */

import { join } from 'node:path';
import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import type { Work } from '../../../../domain/work.ts';
import { chooseSpoolPlace, spoolArchive, type ArchiveSpool } from './archive-spool.ts';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { loadFile, loadScript, loadStream, type LoadTarget } from './pg-restore.ts';
import { archiveAsSql, transactionTimeoutMajor, withoutUnknownSetting } from './plain-sql.ts';
import { readHead } from './read-head.ts';

export interface ArchiveLoad {
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly jobs: number;
  /** Folders to try for the file when the system's temporary folder has no room. */
  readonly spoolPlaces: readonly string[];
  /** Creates the database the archive is for, with what must be there before its own statements. */
  prepare(toc: ArchiveToc): Promise<LoadTarget>;
  /** Reports how the database grows, until it is disposed. */
  watch(): AsyncDisposable;
}

export async function loadArchive(load: ArchiveLoad, work: Work): Promise<ArchiveToc> {
  const place = await chooseSpoolPlace(load.artifact.plainBytes, load.spoolPlaces);
  if (place === null) return loadFromStream(load, work);
  // A failing half must stop the other at once: neither the stream nor pg_restore is worth waiting for then.
  const failing = new AbortController();
  const signal = AbortSignal.any([work.signal, failing.signal]);
  const linked: Work = { ...work, signal };
  await using spool = await spoolArchive(
    load.source.open(load.artifact, linked),
    place,
    load.artifact.plainBytes,
    linked,
  );
  try {
    return await loadFromSpool(load, spool, linked);
  } catch (thrown) {
    failing.abort(thrown);
    throw thrown;
  }
}

async function loadFromSpool(load: ArchiveLoad, spool: ArchiveSpool, work: Work): Promise<ArchiveToc> {
  const toc = await spool.toc;
  const target = await load.prepare(toc);
  if (needsPlainSql(target)) {
    await spool.complete;
    work.report({ kind: 'step', text: 'loading (one job: the client tools are newer than the server)' });
    await using _watching = load.watch();
    await loadScript(target, withoutUnknownSetting(archiveAsSql(target, spool.path, work.signal)), work.signal);
    return toc;
  }
  const { early, late } = splitEntries(toc);
  const archive = (name: string): { path: string; listPath: string } => ({
    path: spool.path,
    listPath: join(spool.directory, name),
  });
  await Promise.all([spool.complete, loadFile(target, archive('early.list'), early, 1, work.signal)]);
  work.report({ kind: 'step', text: `loading with ${String(load.jobs)} jobs` });
  await using _watching = load.watch();
  await loadFile(target, archive('late.list'), late, load.jobs, work.signal);
  return toc;
}

async function loadFromStream(load: ArchiveLoad, work: Work): Promise<ArchiveToc> {
  await using head = await readHead(load.source.open(load.artifact, work), work.signal);
  const { toc, bytes } = head;
  const target = await load.prepare(toc);
  work.report({ kind: 'step', text: 'loading with one job (no room for a temporary file)' });
  if (needsPlainSql(target)) {
    await loadScript(target, withoutUnknownSetting(archiveAsSql(target, bytes, work.signal)), work.signal);
  } else await loadStream(target, bytes, work.signal);
  return toc;
}

/** True when pg_restore itself cannot restore into this server. */
export function needsPlainSql(target: LoadTarget): boolean {
  return target.tools.major >= transactionTimeoutMajor && target.serverMajor < transactionTimeoutMajor;
}

/**
 * What can run while the data is still arriving, and the rest. Privileges wait for the rest although they stand among
 * the definitions: an owner may have taken from itself the right to insert (pg_restore has a pass of its own for them).
 */
function splitEntries(toc: ArchiveToc): { readonly early: readonly number[]; readonly late: readonly number[] } {
  const early: number[] = [];
  const late: number[] = [];
  let section: TocEntry['section'] = 'pre-data';
  for (const entry of toc.entries) {
    if (entry.section !== 'none') section = entry.section;
    const isEarly = section === 'pre-data' && !latePasses.has(entry.desc);
    (isEarly ? early : late).push(entry.dumpId);
  }
  return { early, late };
}

/** pg_backup_archiver.c, _tocEntryRestorePass: restored after everything else. */
const latePasses = new Set(['ACL', 'ACL LANGUAGE', 'DEFAULT ACL', 'EVENT TRIGGER', 'MATERIALIZED VIEW DATA']);
