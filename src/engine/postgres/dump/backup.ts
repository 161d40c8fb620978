/**
 * A backup of one database: checks first, then one snapshot, in which the tables are counted while pg_dump reads them.
 * It succeeds as a whole or throws; the session that holds the snapshot is watched all the time, because without it
 * nobody knows which moment pg_dump reads.
 */

import type { ArtifactSink } from '../../../domain/artifact.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Work } from '../../../domain/work.ts';
import type { BackupOutcome, BackupRequest } from '../../engine.ts';
import { startArchiveScanner } from '../archive/archive-scanner.ts';
import { describePlace, type ReadAddress } from '../connection/address.ts';
import { asDamage } from '../damage/recognise.ts';
import { buildSourceFingerprint } from '../fingerprint/source-fingerprint.ts';
import { readMigration } from '../migrations/read-migration.ts';
import { archiveSpec, globalsSpec, sqlSpec } from './artifact-specs.ts';
import { streamArchive } from './archive-stream.ts';
import { checkBeforehand, type CheckedSource } from './check-beforehand.ts';
import { estimateRowBytes } from './estimate.ts';
import { dumpGlobals } from './globals.ts';
import { readNeeds } from './needs.ts';
import { sideBySide } from './side-by-side.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';
import { textSettings } from './text-settings.ts';

export interface BackupParts {
  readonly read: ReadAddress;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sink: ArtifactSink;
}

const attempts = 5;
/**
 * How long pg_dump waits for tables that we have locked already. Only somebody who queues for our locks can be in its way:
 * he waits for us, so patience does not help, and everybody else waits behind him.
 */
const overtakenAfterMs = 4000;

/** Throws `source-damaged` when the server's files do not read. */
export async function backupDatabase(request: BackupRequest, parts: BackupParts, work: Work): Promise<BackupOutcome> {
  try {
    return await backUp(request, parts, work);
  } catch (thrown) {
    work.signal.throwIfAborted();
    throw asDamage(thrown);
  }
}

async function backUp(request: BackupRequest, parts: BackupParts, work: Work): Promise<BackupOutcome> {
  const { address } = parts.read;
  work.report({ kind: 'step', text: `checking ${address.database}` });
  const source = await checkBeforehand(request, parts.read, parts.environment, work.signal);
  const { facts, tools } = source;
  work.report({ kind: 'step', text: 'reading roles and settings of the server' });
  const { mayReadPasswords } = facts;
  const globals = await dumpGlobals({ address, tools, sink: parts.sink, mayReadPasswords }, globalsSpec(request), work);
  for (let attempt = 1; ; attempt++) {
    try {
      const read = await readOnce(request, parts, source, work);
      return { kind: 'dump', ...read, findings: [...source.findings, ...globals.findings, ...read.findings] };
    } catch (thrown) {
      const wasOvertaken = thrown instanceof HoldfastError && thrown.code === 'lock-overtaken';
      if (!wasOvertaken || attempt === attempts) throw thrown;
      // pg_dump had written nothing yet. With our locks gone the one who waits gets its turn, and then we do.
      work.report({ kind: 'note', level: 'warn', text: `${thrown.message}; taking a new snapshot` });
    }
  }
}

type ReadDatabase = Omit<BackupOutcome, 'kind'>;

async function readOnce(
  request: BackupRequest,
  parts: BackupParts,
  source: CheckedSource,
  work: Work,
): Promise<ReadDatabase> {
  const { address } = parts.read;
  work.report({ kind: 'step', text: `locking the tables of ${address.database}` });
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  await using snapshot = await takeSnapshot(address, { ...request, signal });
  const { lost } = snapshot.session;
  try {
    return await readSnapshot(request, parts, source, snapshot, {
      report: (event) => {
        work.report(event);
      },
      signal: AbortSignal.any([signal, lost]),
      stop: (reason) => {
        stop.abort(reason);
      },
    });
  } catch (thrown) {
    work.signal.throwIfAborted();
    // What fails because the snapshot is gone must not hide why.
    throw lost.aborted ? lost.reason : thrown;
  }
}

interface StoppableWork extends Work {
  readonly stop: (reason: unknown) => void;
}

async function readSnapshot(
  request: BackupRequest,
  parts: BackupParts,
  source: CheckedSource,
  snapshot: Snapshot,
  work: StoppableWork,
): Promise<ReadDatabase> {
  const { address } = parts.read;
  const { session, relations } = snapshot;
  const { facts, tools } = source;
  const needs = await readNeeds(session, request, relations);
  const migration = await readMigration(session);
  const estimatedBytes = await estimateRowBytes(session, relations);
  work.report({ kind: 'step', text: `reading ${address.database}` });
  const { fingerprint: mode } = request;
  await using scanner =
    mode === 'off' ? null : startArchiveScanner({ hashRows: mode !== 'counts', signal: work.signal });
  const streamed = streamArchive(
    {
      address,
      tools,
      choices: request,
      snapshot: snapshot.id,
      lockTimeoutMs: Math.min(request.lockTimeoutMs, overtakenAfterMs),
      archive: request.formats.includes('custom') ? archiveSpec(request) : null,
      sql: request.formats.filter((format) => format !== 'custom').map((format) => sqlSpec(request, format)),
      scanner,
      estimatedBytes,
      textSettings: await textSettings(session),
    },
    parts.sink,
    work,
  );
  const fingerprinted =
    scanner === null || mode === 'off'
      ? streamed.then(() => null)
      : buildSourceFingerprint({ mode, scanner, streamed, snapshot, scope: request.scope, facts, work });
  const [findings, fingerprint] = await sideBySide(streamed, fingerprinted, work.stop);
  return {
    origin: {
      product: 'PostgreSQL',
      version: facts.version,
      majorVersion: facts.major,
      databaseName: facts.database,
      address: describePlace(address),
      sizeBytes: facts.sizeBytes,
      tool: `pg_dump ${tools.version}`,
      ...(migration === null ? {} : { migration }),
    },
    needs,
    fingerprint,
    findings,
  };
}
