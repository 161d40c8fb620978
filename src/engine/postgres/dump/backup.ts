/**
 * A backup of one database: checks first, then one snapshot, in which the tables are counted while pg_dump reads them.
 * It succeeds as a whole or throws; the session that holds the snapshot is watched all the time, because without it
 * nobody knows which moment pg_dump reads.
 */

import type { ArtifactSink, ArtifactSpec } from '../../../domain/artifact.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { BackupOutcome, BackupRequest, DumpFormat } from '../../engine.ts';
import { startArchiveScanner } from '../archive/archive-scanner.ts';
import { findClientTools, type ClientTools } from '../client-tools.ts';
import { describePlace, type ReadAddress } from '../connection/address.ts';
import { openSession } from '../connection/session.ts';
import { postgresErrors } from '../errors.ts';
import { checkSource } from '../preflight/check.ts';
import { demandSupported, readServerFacts, type ServerFacts } from '../server-facts.ts';
import { streamArchive } from './archive-stream.ts';
import { estimateRowBytes } from './estimate.ts';
import { dumpGlobals } from './globals.ts';
import { readNeeds } from './needs.ts';
import { demandMatches } from './scope-tables.ts';
import { sideBySide } from './side-by-side.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';

export interface BackupParts {
  readonly read: ReadAddress;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sink: ArtifactSink;
}

interface CheckedSource {
  readonly facts: ServerFacts;
  readonly tools: ClientTools;
  readonly findings: readonly Finding[];
}

export async function backupDatabase(request: BackupRequest, parts: BackupParts, work: Work): Promise<BackupOutcome> {
  const { address } = parts.read;
  work.report({ kind: 'step', text: `checking ${address.database}` });
  const source = await checkBeforehand(request, parts, work.signal);
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

async function checkBeforehand(
  request: BackupRequest,
  parts: BackupParts,
  signal: AbortSignal,
): Promise<CheckedSource> {
  await using session = await openSession(parts.read.address, { purpose: 'checks', signal });
  const facts = await readServerFacts(session);
  demandSupported(facts);
  const tools = await findClientTools(facts.major, parts.environment);
  await demandMatches(session, request.scope);
  const findings = await checkSource(parts.read, session, facts, request.scope, signal);
  const blocking = findings.filter((finding) => finding.severity === 'blocking');
  const [first] = blocking;
  if (first !== undefined) {
    const others = blocking.length === 1 ? '' : ` (and ${String(blocking.length - 1)} more: see holdfast doctor)`;
    throw postgresErrors.make('not-ready-for-backup', `${first.message}${others}`, { hint: first.hint });
  }
  return { facts, tools, findings };
}

interface StoppableWork extends Work {
  stop(reason: unknown): void;
}

async function readSnapshot(
  request: BackupRequest,
  parts: BackupParts,
  source: CheckedSource,
  snapshot: Snapshot,
  work: StoppableWork,
): Promise<BackupOutcome> {
  const { address } = parts.read;
  const { session, relations } = snapshot;
  const { facts, tools } = source;
  const needs = await readNeeds(session, request, relations);
  const estimatedBytes = await estimateRowBytes(session, relations);
  work.report({ kind: 'step', text: 'reading roles and settings of the server' });
  const globals = await dumpGlobals({ address, tools, sink: parts.sink, session }, globalsSpec(request), work);
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
      lockTimeoutMs: request.lockTimeoutMs,
      archive: request.formats.includes('custom') ? archiveSpec(request) : null,
      sql: request.formats.filter((format) => format !== 'custom').map((format) => sqlSpec(request, format)),
      scanner,
      estimatedBytes,
    },
    parts.sink,
    work,
  );
  const fingerprinted =
    scanner === null || mode === 'off'
      ? streamed.then(() => null)
      : (await import('../fingerprint/source-fingerprint.ts')).buildSourceFingerprint({ mode, scanner, streamed, snapshot, scope: request.scope, facts, work });
  const [, fingerprint] = await sideBySide(streamed, fingerprinted, work.stop);
  return {
    kind: 'dump',
    origin: {
      product: 'PostgreSQL',
      version: facts.version,
      majorVersion: facts.major,
      databaseName: facts.database,
      address: describePlace(address),
      sizeBytes: facts.sizeBytes,
      tool: `pg_dump ${tools.version}`,
    },
    needs,
    fingerprint,
    findings: [...source.findings, ...globals.findings],
  };
}

function archiveSpec(request: BackupRequest): ArtifactSpec {
  const compression = { kind: 'zstd', level: request.zstdLevel } as const;
  return { name: `${request.stem}.dump.zst`, role: 'archive', compression };
}

function sqlSpec(request: BackupRequest, format: DumpFormat): ArtifactSpec {
  const compression =
    format === 'sql.gz'
      ? ({ kind: 'gzip', level: gzipLevel } as const)
      : ({ kind: 'zstd', level: request.zstdLevel } as const);
  return { name: `${request.stem}.${format}`, role: 'sql', compression };
}

function globalsSpec(request: BackupRequest): ArtifactSpec {
  const compression = { kind: 'zstd', level: request.zstdLevel } as const;
  return { name: `globals-${request.compactTime}.sql.zst`, role: 'globals', compression };
}

const gzipLevel = 6;
