/** Backs a database up: a consistent copy aside, then its bytes to the sink while its fingerprint is read. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../../domain/amounts.ts';
import type { ArtifactSink } from '../../../domain/artifact.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Fingerprint, FingerprintMode, TableFingerprint } from '../../../domain/fingerprint.ts';
import { describeScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { BackupOutcome, BackupRequest } from '../../engine.ts';
import { sqliteErrors } from '../errors.ts';
import type { FingerprintResult } from '../job/job-protocol.ts';
import { readLiving } from '../job/read-living.ts';
import { runJob } from '../job/run-job.ts';
import type { DatabaseFile } from '../target/database-file.ts';
import type { CopyResult } from './copy-database.ts';
import { requireWholeImage, streamImage } from './image-file.ts';
import { requireDatabaseFile } from './require-file.ts';
import { makeWorkingFolder } from './working-folder.ts';

export async function backupImage(
  file: DatabaseFile,
  request: BackupRequest,
  sink: ArtifactSink,
  work: Work,
): Promise<BackupOutcome> {
  if (request.scope.kind !== 'whole') {
    const message = `a SQLite database cannot be backed up in part (${describeScope(request.scope)})`;
    throw sqliteErrors.make('sqlite-scope-unsupported', message);
  }
  const sizeBytes =
    requireDatabaseFile(file.path).sizeBytes + (statSync(`${file.path}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  await using folder = await makeWorkingFolder(sizeBytes, file.folder);
  const image = join(folder.path, 'image.db');
  work.report({ kind: 'step', text: `copying ${file.name}` });
  const { fingerprint: mode, lockTimeoutMs } = request;
  const copy = await readLiving(
    'copy',
    { source: file.path, image, fingerprint: mode, lockTimeoutMs },
    file.path,
    work,
  );
  await requireWholeImage(image);
  const read = await storeAndRead(image, request, sink, work);
  if (read !== null) compareWithSource(copy.tables, read.fingerprint);
  return {
    kind: 'image',
    origin: {
      product: 'SQLite',
      version: copy.sqliteVersion,
      majorVersion: 3,
      databaseName: file.name,
      address: file.path,
      sizeBytes,
      tool: `SQLite ${copy.sqliteVersion} online backup`,
    },
    needs: { roles: [], tablespaces: [], extensions: [] },
    fingerprint: read === null ? null : { ...read.fingerprint, basis: describeReading(copy, mode) },
    findings: [...file.findings, ...copyFindings(copy, mode), ...(read?.findings ?? [])],
  };
}

/** Both read the copy: the disk's cache serves the second. When one fails the other stops. */
async function storeAndRead(
  image: string,
  request: BackupRequest,
  sink: ArtifactSink,
  work: Work,
): Promise<FingerprintResult | null> {
  const both = new AbortController();
  const signal = AbortSignal.any([work.signal, both.signal]);
  const name = `${request.stem}.db.zst`;
  const compression = { kind: 'zstd', level: request.zstdLevel } as const;
  work.report({ kind: 'step', text: `storing ${name}` });
  const stored = sink.write({ name, role: 'image', compression }, streamImage(image, { ...work, signal }), {
    ...work,
    signal,
  });
  // Progress is that of the bytes stored; the reading beside it is quiet.
  const read = readImage(image, request.fingerprint, { signal, report: () => undefined });
  const stopBoth = (cause: unknown): never => {
    both.abort(cause);
    throw cause;
  };
  let isRead = false;
  const readToEnd = read.finally(() => (isRead = true));
  const storedFirst = stored.then(() => {
    if (!isRead) work.report({ kind: 'step', text: 'reading the copy for its fingerprint' });
  });
  // Both have ended before the folder goes.
  const [, reading] = await Promise.allSettled([storedFirst.catch(stopBoth), readToEnd.catch(stopBoth)]);
  work.signal.throwIfAborted();
  both.signal.throwIfAborted();
  return reading.status === 'fulfilled' ? reading.value : null;
}

function readImage(image: string, mode: FingerprintMode, work: Work): Promise<FingerprintResult | null> {
  if (mode === 'off') return Promise.resolve(null);
  return runJob('fingerprint', { path: image, isPrivate: true, mode, expected: null }, work);
}

/** What was read in the held snapshot must be what the copy holds, table by table. */
function compareWithSource(source: readonly TableFingerprint[] | null, copy: Fingerprint): void {
  for (const table of source ?? []) {
    const other = copy.tables.find((one) => one.table === table.table);
    if (other?.rows === table.rows && (table.sum === null || table.sum === other.sum)) continue;
    const rows = other === undefined ? 'none' : String(other.rows);
    throw sqliteErrors.make(
      'image-differs',
      `table ${table.table} held ${String(table.rows)} rows in the snapshot, and its copy holds ${rows}, or other content`,
    );
  }
}

/** What is read where: the copy always, the source beside it only while its snapshot is held. */
function describeReading(copy: CopyResult, mode: FingerprintMode): string {
  const what = mode === 'counts' ? 'counted' : 'counted and hashed';
  if (!copy.heldSnapshot) return `rows ${what} in the consistent copy that was stored`;
  if (mode === 'independent') return 'rows counted and hashed in the snapshot of the source, and again in its copy';
  return `rows counted in the snapshot of the source, ${mode === 'counts' ? 'and again' : 'counted and hashed'} in its copy`;
}

function copyFindings(copy: CopyResult, mode: FingerprintMode): readonly Finding[] {
  const notes: string[] = [];
  if (copy.rolledBack) notes.push('a journal that a crash had left was rolled back by SQLite before reading');
  if (copy.blockedMs > 0) {
    const waited = formatDuration(copy.blockedMs);
    notes.push(
      `programs that write had to wait ${waited} while the last step copied everything (WAL mode avoids this)`,
    );
  }
  if (mode === 'independent' && !copy.heldSnapshot) {
    notes.push('a database that is not in WAL mode was not read a second time: the fingerprint is that of the copy');
  }
  return notes.map((message) => ({ severity: 'note', code: 'sqlite-copy', message, hint: '' }));
}
