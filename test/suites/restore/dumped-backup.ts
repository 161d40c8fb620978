/**
 * A backup for tests of restoring alone: what `pg_dump` of the server's own version wrote through a pipe, served as a
 * stored backup would be, in chunks.
 */

import { execFile, spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { join } from 'node:path';
import type { ArtifactRecord, BackupSource } from '../../../src/domain/artifact.ts';
import type { Fingerprint } from '../../../src/domain/fingerprint.ts';
import type { BackupNeeds, Manifest } from '../../../src/domain/manifest.ts';
import { wholeScope, type Scope } from '../../../src/domain/scope.ts';
import type { Work } from '../../../src/domain/work.ts';
import { libpqVariables } from '../../harness/psql.ts';
import type { TestServer } from '../../harness/postgres-server.ts';

export interface DumpOptions {
  readonly format?: 'custom' | 'plain';
  readonly arguments?: readonly string[];
  readonly scope?: Scope;
  readonly needs?: Partial<BackupNeeds>;
  readonly fingerprint?: Fingerprint | null;
}

export interface DumpedBackup {
  readonly source: BackupSource;
  readonly artifact: ArtifactRecord;
  readonly bytes: Buffer;
}

/** What never aborts and tells nobody. */
export const quietWork: Work = { signal: new AbortController().signal, report: () => undefined };

const chunkBytes = 64 * 1024;

export async function dumpDatabase(
  server: TestServer,
  database: string,
  options: DumpOptions = {},
): Promise<DumpedBackup> {
  const format = options.format ?? 'custom';
  const args = [`--format=${format}`, ...(format === 'custom' ? ['--compress=0'] : []), ...(options.arguments ?? [])];
  const bytes = await readOutput(server, 'pg_dump', args, database);
  const { stdout } = await promisify(execFile)(join(server.binDirectory, 'pg_dump'), ['--version']);
  const version = /\d+(?:\.\d+)*/.exec(stdout)?.[0] ?? '';
  const artifact = artifactFor(format, bytes);
  const manifest = manifestFor(server, database, version, artifact, options);
  return { source: sourceOf(manifest, bytes, options.fingerprint ?? null), artifact, bytes };
}

/** The same manifest over other bytes. */
export function sourceOf(manifest: Manifest, bytes: Buffer, fingerprint: Fingerprint | null = null): BackupSource {
  return {
    manifest,
    fingerprint: () => Promise.resolve(fingerprint),
    open: () => chunksOf(bytes),
  };
}

export async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    await Promise.resolve();
    yield bytes.subarray(at, at + chunkBytes);
  }
}

/** stdout of one of the server's own tools. */
export async function readOutput(
  server: TestServer,
  tool: string,
  args: readonly string[],
  database: string,
): Promise<Buffer> {
  const child = spawn(join(server.binDirectory, tool), [...args], {
    env: libpqVariables(server, database),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [bytes, code] = await Promise.all([buffer(child.stdout), ended]);
  if (code !== 0) throw new Error(`${tool} ended with ${String(code)}`);
  return bytes;
}

function artifactFor(format: 'custom' | 'plain', bytes: Buffer): ArtifactRecord {
  return {
    name: format === 'custom' ? 'app-20261121T020000Z.dump' : 'app-20261121T020000Z.sql',
    role: format === 'custom' ? 'archive' : 'sql',
    compression: 'none',
    frames: 1,
    plainBytes: bytes.length,
    storedBytes: bytes.length,
    sha256: '0'.repeat(64),
  };
}

function manifestFor(
  server: TestServer,
  database: string,
  version: string,
  artifact: ArtifactRecord,
  options: DumpOptions,
): Manifest {
  return {
    format: 1,
    id: '20261121T020000Z-dump-k3f9',
    database: 'app',
    engine: 'postgres',
    kind: 'dump',
    scope: options.scope ?? wholeScope,
    label: null,
    host: 'test',
    writer: 'holdfast 0.1.0',
    started: '2026-11-21T02:00:00.000Z',
    finished: '2026-11-21T02:00:01.000Z',
    durationMs: 1000,
    origin: {
      product: 'PostgreSQL',
      version,
      majorVersion: server.major,
      databaseName: database,
      address: `127.0.0.1:${String(server.port)}`,
      sizeBytes: 10_000_000,
      tool: `pg_dump ${version}`,
    },
    needs: { roles: [], tablespaces: [], extensions: [], ...options.needs },
    owners: true,
    privileges: true,
    fingerprint: { mode: 'off', tables: 0, rows: 0, largeObjects: 0, objects: 0 },
    artifacts: [artifact],
    findings: [],
  };
}
