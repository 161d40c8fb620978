/** One bit, one cut, one byte too many, anywhere in a backup's folder: it is found, and named. */

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeClock } from '../../test/harness/clock.ts';
import { openSampleRepository, quietWork, writeSample } from '../../test/harness/sample-backup.ts';
import type { Manifest } from '../domain/manifest.ts';
import { openLocalStore } from '../storage/local/local-store.ts';
import { openMemoryStore } from '../storage/memory/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { wallClock } from '../system/wall-clock.ts';
import type { Repository } from './repository.ts';

const { signal } = quietWork;

interface Sample {
  readonly store: Store;
  readonly repository: Repository;
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Buffer>;
}

async function makeSample(store: Store = openMemoryStore()): Promise<Sample> {
  const repository = await openSampleRepository(store);
  const manifest = await writeSample(repository);
  const files = new Map<string, Buffer>();
  for (const { name } of await repository.files(manifest, signal)) {
    files.set(name, (await repository.readFile(manifest, name, signal)) ?? Buffer.alloc(0));
  }
  return { store, repository, manifest, files };
}

/** What a verification of this file alone says; null when it says nothing. */
async function complaint({ repository, manifest }: Sample, name: string): Promise<string | null> {
  if (name === 'manifest.json') {
    const { unreadable } = await repository.list({ database: 'app', newest: null }, signal);
    return unreadable[0]?.problem ?? null;
  }
  const artifact = manifest.artifacts.find((one) => one.name === name);
  if (artifact === undefined) {
    const problems = await repository.checkFolder(manifest, signal);
    return problems.length === 0 ? null : problems.map(({ file }) => file).join();
  }
  const codes: string[] = [];
  try {
    for await (const chunk of repository.open(manifest).open(artifact, quietWork)) codes.push(String(chunk.length));
    return null;
  } catch (thrown) {
    const { code, exit } = thrown as { readonly code?: string; readonly exit?: number };
    return `${String(code)} ${String(exit)}`;
  }
}

describe('damage to a stored backup', () => {
  it('is found for every flipped byte of every file', async () => {
    const sample = await makeSample();
    for (const [name, bytes] of sample.files) {
      const isArtifact = sample.manifest.artifacts.some((one) => one.name === name);
      for (let at = 0; at < bytes.length; at += 1) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        await sample.store.put(`app/backups/${sample.manifest.id}/${name}`, flipped);
        const found = await complaint(sample, name);
        expect(found, `${name}, byte ${at}`).not.toBeNull();
        if (isArtifact) expect(found).toBe('damaged-artifact 15');
      }
      await sample.store.put(`app/backups/${sample.manifest.id}/${name}`, bytes);
      expect(await complaint(sample, name)).toBeNull();
    }
  });

  it('is found for every cut, for appended bytes, and for a file that is gone', async () => {
    const sample = await makeSample();
    for (const [name, bytes] of sample.files) {
      const key = `app/backups/${sample.manifest.id}/${name}`;
      const cuts = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(0, at)).filter(
        (_, at) => at % 5 === 0,
      );
      const longer = [Buffer.concat([bytes, Buffer.from('x')]), Buffer.concat([bytes, bytes])];
      for (const changed of [...cuts, bytes.subarray(0, -1), ...longer]) {
        await sample.store.put(key, changed);
        expect(await complaint(sample, name), `${name}, ${changed.length} of ${bytes.length} bytes`).not.toBeNull();
      }
      await sample.store.delete(key);
      if (name === 'manifest.json') {
        expect((await sample.repository.list({ database: 'app', newest: null }, signal)).unfinished).toHaveLength(1);
      } else expect(await complaint(sample, name)).not.toBeNull();
      await sample.store.put(key, bytes);
    }
  });

  it('is found when two artifacts are exchanged', async () => {
    const sample = await makeSample();
    const [one, other] = sample.manifest.artifacts;
    if (one === undefined || other === undefined) throw new Error('two artifacts expected');
    await sample.store.put(
      `app/backups/${sample.manifest.id}/${one.name}`,
      sample.files.get(other.name) ?? Buffer.alloc(0),
    );
    expect(await complaint(sample, one.name)).toBe('damaged-artifact 15');
  });

  it('in RESTORE.txt is told apart from damage in SHA256SUMS', async () => {
    const sample = await makeSample();
    const key = (name: string): string => `app/backups/${sample.manifest.id}/${name}`;
    await sample.store.put(key('RESTORE.txt'), Buffer.from('something else'));
    expect(await complaint(sample, 'RESTORE.txt')).toBe('RESTORE.txt');
    await sample.store.put(key('RESTORE.txt'), sample.files.get('RESTORE.txt') ?? Buffer.alloc(0));
    await sample.store.put(key('SHA256SUMS'), Buffer.from('something else'));
    expect(await complaint(sample, 'SHA256SUMS')).toBe('SHA256SUMS');
  });
});

describe('a repository in a folder', () => {
  it('keeps its files to itself and can be checked with sha256sum -c', async () => {
    const root = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    try {
      const sample = await makeSample(openLocalStore(join(root, 'backups')));
      const folder = join(root, 'backups', 'app', 'backups', sample.manifest.id);
      const output = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
      expect(output.trim().split('\n')).toHaveLength(sample.files.size - 2);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      for (const name of sample.files.keys()) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
      for (const name of sample.files.keys()) expect(await complaint(sample, name)).toBeNull();
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('lists a thousand backups quickly, and finds the newest without reading them all', async () => {
    const store = openMemoryStore();
    const clock = makeClock('2020-01-01T00:00:00Z');
    const repository = await openSampleRepository(store, clock);
    const manifest = await writeSample(repository);
    const files = await repository.files(manifest, signal);
    const { sealJson } = await import('./sealed-json.ts');
    for (let day = 1; day <= 1000; day += 1) {
      const time = new Date(Date.parse(manifest.started) + day * 86_400_000).toISOString();
      const id = manifest.id.replace(/^\d+/, time.slice(0, 10).replaceAll('-', ''));
      for (const { name } of files) await store.put(`app/backups/${id}/${name}`, Buffer.from('x'));
      await store.put(`app/backups/${id}/manifest.json`, sealJson({ ...manifest, id, started: time }));
    }
    let reads = 0;
    const counting: Store = {
      ...store,
      get: (...request) => {
        reads += 1;
        return store.get(...request);
      },
    };
    const counted = await openSampleRepository(counting, clock);
    reads = 0;
    const latest = await counted.find({ name: 'latest', database: null, timeZone: 'UTC' }, signal);
    expect(latest.manifest.id.slice(0, 8)).toBe('20220927');
    expect(reads).toBe(1);
    const startedMs = wallClock.monotonicMs();
    expect((await counted.list({ database: null, newest: null }, signal)).backups).toHaveLength(1001);
    expect(wallClock.monotonicMs() - startedMs).toBeLessThan(5000);
    reads = 0;
    expect((await counted.list({ database: null, newest: 10 }, signal)).backups).toHaveLength(10);
    expect(reads).toBe(10);
  });
});
