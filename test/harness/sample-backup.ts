/** A small backup driven straight through the writer: for tests of the repository that need no engine. */

import type { ArtifactSpec } from '../../src/domain/artifact.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Fingerprint } from '../../src/domain/fingerprint.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { wholeScope } from '../../src/domain/scope.ts';
import type { Work } from '../../src/domain/work.ts';
import { openRepository } from '../../src/repository/open-repository.ts';
import type { BackupWriter, ManifestParts, Repository } from '../../src/repository/repository.ts';
import type { Store } from '../../src/storage/store.ts';
import { makeClock } from './clock.ts';

/** `aaaa`, `aaab`, …: every call another word, the same in every run. */
export function makeRandom(): () => string {
  let count = 0;
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return () => {
    const word = [15, 10, 5, 0].map((bits) => letters[(count >> bits) & 31] ?? 'a').join('');
    count += 1;
    return word;
  };
}

export const quietWork: Work = { signal: new AbortController().signal, report: () => undefined };

export function openSampleRepository(
  store: Store,
  clock: Clock = makeClock(),
  random = makeRandom(),
): Promise<Repository> {
  return openRepository(store, { create: true, clock, host: 'here', writer: 'holdfast test', random });
}

export const sampleFingerprint: Fingerprint = {
  version: 1,
  engine: 'sample',
  mode: 'content',
  tables: [{ schema: 'main', table: 't', kind: 'table', columns: ['id'], rows: 2, sum: '00000000000000ff' }],
  largeObjects: null,
  sequences: [{ schema: 'main', name: 's', lastValue: '9223372036854775807', isCalled: true }],
  objects: [{ kind: 'index', name: 'i', facts: 'unique' }],
};

export function sampleParts(overrides: Partial<ManifestParts> = {}): ManifestParts {
  const needs = { roles: ['app'], tablespaces: [], extensions: [] };
  return {
    scope: wholeScope,
    label: null,
    origin: {
      product: 'Sample',
      version: '1.0',
      majorVersion: 1,
      databaseName: 'App',
      address: 'localhost:1',
      sizeBytes: 4096,
      tool: 'sampler 1',
    },
    needs,
    owners: true,
    privileges: true,
    fingerprint: sampleFingerprint,
    fingerprintMode: 'content',
    findings: [],
    ...overrides,
  };
}

export interface SampleOptions {
  readonly database?: string;
  readonly contents?: Readonly<Record<string, Uint8Array>>;
  readonly parts?: Partial<ManifestParts>;
  readonly signal?: AbortSignal;
}

export const sampleContent = Buffer.from('-- a small dump\nselect 1;\n');

/** The writer is given back as well, for tests that abandon. */
export async function beginSample(repository: Repository, options: SampleOptions = {}): Promise<BackupWriter> {
  const signal = options.signal ?? quietWork.signal;
  const request = { database: options.database ?? 'app', engine: 'sample', kind: 'dump' } as const;
  return repository.beginBackup(request, signal);
}

export async function writeSample(repository: Repository, options: SampleOptions = {}): Promise<Manifest> {
  const writer = await beginSample(repository, options);
  return fillSample(writer, options);
}

export async function fillSample(writer: BackupWriter, options: SampleOptions = {}): Promise<Manifest> {
  const signal = options.signal ?? quietWork.signal;
  const contents = options.contents ?? {
    [`${writer.stem}.sql.zst`]: sampleContent,
    [`globals-${writer.compactTime}.sql.zst`]: Buffer.from('-- roles\n'),
  };
  for (const [name, bytes] of Object.entries(contents)) {
    await writer.sink.write(specOf(name), chunked(bytes), { ...quietWork, signal });
  }
  return writer.finish(sampleParts(options.parts), () => 'Restore with: psql -f', signal);
}

function specOf(name: string): ArtifactSpec {
  const role = name.startsWith('globals') ? 'globals' : name.includes('.dump') ? 'archive' : 'sql';
  const kind = name.endsWith('.zst') ? 'zstd' : name.endsWith('.gz') ? 'gzip' : 'none';
  return { name, role, compression: kind === 'none' ? { kind } : { kind, level: 3 } };
}

/** The same buffer again and again, as an engine may do that reuses its own. */
async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 100_000;
  const reused = Buffer.alloc(size);
  for (let start = 0; start < bytes.length; start += size) {
    const length = Math.min(size, bytes.length - start);
    reused.set(bytes.subarray(start, start + length));
    yield await Promise.resolve(reused.subarray(0, length));
  }
}
