/** A sink and a source over memory: an engine's backup without a repository around it. */

import { createHash } from 'node:crypto';
import type { ArtifactRecord, ArtifactSink, BackupSource } from '../../../src/domain/artifact.ts';
import type { Fingerprint } from '../../../src/domain/fingerprint.ts';
import type { Manifest } from '../../../src/domain/manifest.ts';
import { wholeScope } from '../../../src/domain/scope.ts';
import type { ProgressEvent, Work } from '../../../src/domain/work.ts';
import type { BackupOutcome, BackupRequest, Engine, EngineModule, TargetSpec } from '../../../src/engine/engine.ts';
import { sqliteModule } from '../../../src/engine/sqlite/sqlite-module.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';

let counter = 0;

export const sqlite: EngineModule = sqliteModule({
  clock: wallClock,
  random: () => `r${String((counter += 1))}`,
});

export const request: BackupRequest = {
  stem: 'app-20261121T020000Z',
  compactTime: '20261121T020000Z',
  formats: [],
  scope: wholeScope,
  fingerprint: 'content',
  owners: true,
  privileges: true,
  zstdLevel: 3,
  lockTimeoutMs: 10_000,
};

export function startWork(signal: AbortSignal = new AbortController().signal, events: ProgressEvent[] = []): Work {
  return { signal, report: (event) => events.push(event) };
}

export function targetOf(path: string): TargetSpec {
  return { url: `file:${path}`, origin: 'test', baseDir: '/', environment: {} };
}

export function openEngine(path: string): Engine {
  return sqlite.open(targetOf(path));
}

export interface TakenBackup {
  readonly outcome: BackupOutcome;
  readonly source: BackupSource;
  readonly bytes: Buffer;
}

/** Backs up into memory and hands out what a repository would. */
export async function takeBackup(
  engine: Engine,
  changes: Partial<BackupRequest> = {},
  work: Work = startWork(),
): Promise<TakenBackup> {
  const stored = new Map<string, { readonly record: ArtifactRecord; readonly bytes: Buffer }>();
  const sink: ArtifactSink = {
    write: async (spec, chunks) => {
      const all: Uint8Array[] = [];
      for await (const chunk of chunks) all.push(Buffer.from(chunk));
      const bytes = Buffer.concat(all);
      const record: ArtifactRecord = {
        name: spec.name,
        role: spec.role,
        compression: 'none',
        frames: 1,
        plainBytes: bytes.length,
        storedBytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
      stored.set(spec.name, { record, bytes });
      return record;
    },
  };
  const outcome = await engine.backup({ ...request, ...changes }, sink, work);
  const image = [...stored.values()].find(({ record }) => record.role === 'image');
  if (image === undefined) throw new Error('no image was stored');
  return { outcome, bytes: image.bytes, source: sourceOf(outcome, image.record, image.bytes) };
}

/** A source of a bare image. */
export function sourceOfImage(bytes: Buffer): BackupSource {
  const name = `${request.stem}.db.zst`;
  const record: ArtifactRecord = {
    name,
    role: 'image',
    compression: 'none',
    frames: 1,
    plainBytes: bytes.length,
    storedBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const origin = {
    product: 'SQLite',
    version: '3',
    majorVersion: 3,
    databaseName: 'app.db',
    address: '/srv/app.db',
    sizeBytes: bytes.length,
    tool: 'test',
  };
  const needs = { roles: [], tablespaces: [], extensions: [] };
  return sourceOf({ kind: 'image', origin, needs, fingerprint: null, findings: [] }, record, bytes);
}

export function sourceOf(
  outcome: BackupOutcome,
  record: ArtifactRecord,
  bytes: Buffer,
  fingerprint: Fingerprint | null = outcome.fingerprint,
): BackupSource {
  return {
    manifest: manifestOf(outcome, record),
    open: (artifact) => chunksOf(artifact.name === record.name ? bytes : Buffer.alloc(0)),
    fingerprint: () => Promise.resolve(fingerprint),
  };
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield Promise.resolve(bytes.subarray(at, at + 100_000));
}

function manifestOf(outcome: BackupOutcome, record: ArtifactRecord): Manifest {
  return {
    format: 1,
    id: '20261121T020000Z-image-test',
    database: 'app',
    engine: 'sqlite',
    kind: 'image',
    scope: wholeScope,
    label: null,
    host: 'here',
    writer: 'test',
    started: '2026-11-21T02:00:00.000Z',
    finished: '2026-11-21T02:00:01.000Z',
    durationMs: 1000,
    origin: outcome.origin,
    needs: outcome.needs,
    owners: true,
    privileges: true,
    fingerprint: { mode: outcome.fingerprint?.mode ?? 'off', tables: 0, rows: 0, largeObjects: 0, objects: 0 },
    artifacts: [record],
    findings: [],
  };
}
