/**
 * From the artifact's bytes to the last statement. pg_restore makes the definitions from the archive's head; rows and
 * large objects go to several sessions while the archive is still arriving; pg_restore then builds indexes and
 * constraints with several jobs. Rows that cannot be taken apart here go through one pg_restore.
 */

import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ArtifactRecord, BackupSource } from '../../../../domain/artifact.ts';
import { countOf } from '../../../../domain/amounts.ts';
import { HoldfastError } from '../../../../domain/error.ts';
import type { RoleMap } from '../../../../domain/role-map.ts';
import type { Work } from '../../../../domain/work.ts';
import { makeTemporaryDirectory } from '../../../../system/temporary-directory.ts';
import { ArchiveUnpacker, canUnpack, type ArchivePiece } from '../../archive/archive-unpacker.ts';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { isOnThisMachine } from '../../connection/address.ts';
import { errorCodeOf } from '../../connection/server-errors.ts';
import { restoreErrors } from '../errors.ts';
import { DataSpool } from './data-spool.ts';
import { copyStatements } from './frozen-copy.ts';
import { loadDirectly, loadThroughSpool } from './load-data.ts';
import { openLoadSessions } from './load-sessions.ts';
import { loadFile, loadScript, loadStream, type LoadTarget } from './pg-restore.ts';
import { archiveAsSql, transactionTimeoutMajor, withoutUnknownSetting } from './plain-sql.ts';
import { readHead, type ArchiveHead } from './read-head.ts';
import { chooseSpoolPlace } from './spool-place.ts';

export interface ArchiveLoad {
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly jobs: number;
  /** Folders to try for a temporary file when the system's temporary folder has no room. */
  readonly spoolPlaces: readonly string[];
  /** Roles that are called otherwise where the archive is loaded. */
  readonly roles: RoleMap;
  /** Creates the database the archive is for, with what must be there before its own statements. */
  prepare(toc: ArchiveToc): Promise<LoadTarget>;
  /** Reports how the database grows, until it is disposed. */
  watch(): AsyncDisposable;
}

export async function loadArchive(load: ArchiveLoad, work: Work): Promise<ArchiveToc> {
  await using head = await readHead(load.source.open(load.artifact, work), load.roles);
  const target = await load.prepare(head.toc);
  if (needsPlainSql(target)) {
    work.report({ kind: 'step', text: 'loading with 1 job (the client tools are newer than the server)' });
    await using _watching = load.watch();
    await loadScript(target, withoutUnknownSetting(archiveAsSql(target, head.bytes, work.signal)), work.signal);
  } else if (target.tools.via === undefined && canUnpack(head.toc)) await loadUnpacked(load, head, target, work);
  else {
    work.report({ kind: 'step', text: `loading with 1 job (${whyOneJob(target)})` });
    await using _watching = load.watch();
    await loadStream(target, head.bytes, work.signal);
  }
  return head.toc;
}

function whyOneJob({ tools }: LoadTarget): string {
  // Tools elsewhere read no file of ours.
  if (tools.via !== undefined) return 'by pg_restore where the server is';
  return 'pg_dump compressed the rows, wrote them as INSERT, or is older than 10.3';
}

async function loadUnpacked(load: ArchiveLoad, head: ArchiveHead, target: LoadTarget, work: Work): Promise<void> {
  const { early, late } = splitEntries(head.toc);
  // One job loads in the order of the archive, as stock pg_restore would: a function of a CHECK may look into other tables.
  const place = load.jobs === 1 ? null : await chooseSpoolPlace(load.artifact.plainBytes, load.spoolPlaces);
  await using directory = await makeTemporaryDirectory('restore', place ?? undefined);
  const path = join(directory.path, 'head');
  await writeFile(path, head.headBytes, { mode: 0o600 });
  const archive = (list: string): { path: string; listPath: string } => ({
    path,
    listPath: join(directory.path, list),
  });
  await loadFile(target, archive('early.list'), early, 1, work.signal);
  const spoolPath = place === null ? null : join(directory.path, 'data');
  const { largestShare, jobs } = await loadData(load, head, target, spoolPath, work);
  work.report({ kind: 'step', text: `building indexes and constraints with ${countOf(jobs, 'job')}` });
  await using _watching = load.watch();
  const builder = jobsFillTheMachine(target, jobs, largestShare) ? withoutWorkers(target) : target;
  await loadFile(builder, archive('late.list'), late, jobs, work.signal);
}

/** Unless most of it is one table: its indexes would then be built by one core while the others have nothing to do. */
function jobsFillTheMachine({ address }: LoadTarget, jobs: number, largestShare: number): boolean {
  return isOnThisMachine(address.host) && jobs >= availableParallelism() && largestShare * jobs <= 1;
}

/** Workers of several index builds would share both cores and `maintenance_work_mem`; one build per job is faster. */
function withoutWorkers(target: LoadTarget): LoadTarget {
  return { ...target, settings: [...target.settings, 'max_parallel_maintenance_workers=0'] };
}

interface Loaded {
  /** What part of all rows the largest table has, 1 when unknown. */
  readonly largestShare: number;
  /** As many as were asked for, or as the server, the role or the database has connections for. */
  readonly jobs: number;
}

/** `spoolPath`: null where there is no room for it. */
async function loadData(
  load: ArchiveLoad,
  head: ArchiveHead,
  target: LoadTarget,
  spoolPath: string | null,
  work: Work,
): Promise<Loaded> {
  const pieces = unpack(load, head, work);
  const statements = copyStatements(head.toc);
  const count = spoolPath === null ? 1 : load.jobs;
  await using sessions = await openLoadSessions(target, head.toc.encoding, count, work.signal);
  const [first] = sessions.list;
  const { length: jobs } = sessions.list;
  work.report({ kind: 'step', text: `loading with ${countOf(jobs, 'job')}` });
  try {
    if (spoolPath === null) {
      await loadDirectly(pieces, first, statements);
      return { largestShare: 1, jobs: load.jobs };
    }
    await using spool = await DataSpool.create(spoolPath);
    await loadThroughSpool(pieces, spool, sessions.list, statements);
    return { largestShare: spool.largestShare, jobs };
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError) || thrown.code !== 'query-failed') throw thrown;
    throw refused(thrown, jobs);
  }
}

/** check_violation */
const checkFailed = '23514';

function refused(thrown: HoldfastError, jobs: number): Error {
  const message = `the backup's rows were refused: ${thrown.message}`;
  const hint =
    'A CHECK that looks into other tables needs their rows first: with --jobs 1 they come in the order of the backup.';
  const isOfOrder = jobs > 1 && errorCodeOf(thrown) === checkFailed;
  return restoreErrors.make('restore-failed', message, { cause: thrown, ...(isOfOrder ? { hint } : {}) });
}

async function* unpack(
  { artifact }: ArchiveLoad,
  { toc, dataBytes }: ArchiveHead,
  work: Work,
): AsyncGenerator<ArchivePiece, void> {
  const unpacker = new ArchiveUnpacker(toc);
  let doneBytes = toc.headerBytes;
  for await (const chunk of dataBytes) {
    work.signal.throwIfAborted();
    yield* unpacker.take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    doneBytes += chunk.length;
    work.report({ kind: 'bytes', doneBytes, totalBytes: artifact.plainBytes });
  }
  work.signal.throwIfAborted();
  unpacker.finish();
}

/** True when pg_restore itself cannot restore into this server. */
export function needsPlainSql(target: LoadTarget): boolean {
  return target.tools.major >= transactionTimeoutMajor && target.serverMajor < transactionTimeoutMajor;
}

/**
 * What must be there before data, and what comes behind it. Data itself is in neither. Privileges come last although they
 * stand among the definitions: an owner may have taken from itself the right to insert (pg_restore has a pass of its own
 * for them). Large objects are made among the data from version 17 on.
 */
function splitEntries(toc: ArchiveToc): { readonly early: readonly number[]; readonly late: readonly number[] } {
  const early: number[] = [];
  const late: number[] = [];
  let section: TocEntry['section'] = 'pre-data';
  for (const entry of toc.entries) {
    if (entry.section !== 'none') section = entry.section;
    if (entry.dataState !== 'none') continue;
    const isEarly = (section === 'pre-data' && !latePasses.has(entry.desc)) || entry.desc === 'BLOB METADATA';
    (isEarly ? early : late).push(entry.dumpId);
  }
  return { early, late };
}

/** pg_backup_archiver.c, _tocEntryRestorePass: restored after everything else. */
const latePasses = new Set(['ACL', 'ACL LANGUAGE', 'DEFAULT ACL', 'EVENT TRIGGER', 'MATERIALIZED VIEW DATA']);
