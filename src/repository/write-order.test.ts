/** What stands in docs/format.md, section 1, tried at every point where a writer can stop. */

import { describe, expect, it } from 'vitest';
import { makeClock } from '../../test/harness/clock.ts';
import {
  beginSample,
  fillSample,
  makeRandom,
  openSampleRepository,
  quietWork,
  sampleContent,
  writeSample,
} from '../../test/harness/sample-backup.ts';
import { Killed, stopAtWrite, type StopMoment } from '../../test/harness/stopping-store.ts';
import { openMemoryStore } from '../storage/memory/memory-store.ts';
import type { Store } from '../storage/store.ts';

const { signal } = quietWork;
const all = { database: null, newest: null };

async function keysOf(store: Store): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) if (key.includes('/')) keys.push(key);
  return keys;
}

/** Begin, two artifacts, fingerprint, instructions, sums, manifest. */
const writesOfABackup = 7;

describe('a writer that is killed', () => {
  const moments: readonly (readonly [number, StopMoment])[] = Array.from(
    { length: writesOfABackup },
    (_, at) => at + 1,
  ).flatMap((at) => [[at, 'before'] as const, [at, 'after'] as const]);

  it.each(moments)('at write %i (%s it) leaves a whole backup or none that is listed', async (at, moment) => {
    const store = openMemoryStore();
    const clock = makeClock();
    const random = makeRandom();
    await openSampleRepository(store, clock, random);
    const dying = stopAtWrite(store, at, moment);
    const writer = await openSampleRepository(dying, clock, random);
    const writing = beginSample(writer).then(async (begun) => {
      try {
        return await fillSample(begun);
      } catch (thrown) {
        // A killed process does not clean up either.
        await expect(begun.abandon()).rejects.toThrow(Killed);
        throw thrown;
      }
    });
    await expect(writing).rejects.toThrow(Killed);

    const repository = await openSampleRepository(store, clock, random);
    const catalog = await repository.list(all, signal);
    const isWhole = at === writesOfABackup && moment === 'after';
    expect(catalog.backups).toHaveLength(isWhole ? 1 : 0);
    expect(catalog.unreadable).toEqual([]);
    const isNothing = at === 1 && moment === 'before';
    expect(catalog.unfinished).toHaveLength(isWhole || isNothing ? 0 : 1);
    for (const { manifest } of catalog.backups) {
      for (const artifact of manifest.artifacts)
        await repository.hashStored(manifest, artifact, signal, () => undefined);
      expect(await repository.checkFolder(manifest, signal)).toEqual([]);
    }
    // The next run works beside what was left.
    clock.advance(1000);
    expect((await writeSample(repository)).id).toBe((await repository.list(all, signal)).backups[0]?.manifest.id);
  });

  it('needs as many writes as this test believes', async () => {
    const counting = stopAtWrite(openMemoryStore(), Number.POSITIVE_INFINITY, 'before');
    const repository = await openSampleRepository(counting);
    const before = counting.writes;
    await writeSample(repository);
    expect(counting.writes - before).toBe(writesOfABackup);
  });
});

describe('a writer that fails and lives', () => {
  it('removes everything it wrote, the manifest first and begin.json last', async () => {
    const store = openMemoryStore();
    const deleted: string[] = [];
    const watched: Store = {
      ...store,
      delete: async (key, stop) => {
        deleted.push(key.slice(key.lastIndexOf('/') + 1));
        await store.delete(key, stop);
      },
    };
    const repository = await openSampleRepository(watched);
    const writer = await beginSample(repository);
    await fillSample(writer);
    await writer.abandon();
    expect(await keysOf(store)).toEqual([]);
    expect([deleted[0], deleted.at(-1)]).toEqual(['manifest.json', 'begin.json']);
  });

  it('leaves the folder of another writer with the same id alone', async () => {
    const store = openMemoryStore();
    const repositories = [await openSampleRepository(store), await openSampleRepository(store)];
    // At the same time: one after the other they would not have the same id.
    const [first, second] = await Promise.allSettled(repositories.map((repository) => beginSample(repository)));
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'object-exists' } });
    if (first?.status !== 'fulfilled') throw new Error('the first writer has begun');
    await fillSample(first.value);
    expect((await (await openSampleRepository(store)).list(all, signal)).backups).toHaveLength(1);
  });

  it('throws the error of the source and keeps nothing of the artifact', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const writer = await beginSample(repository);
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.alloc(3_000_000, 'x'));
      throw new RangeError('the server is gone');
    };
    const spec = { name: 'a.sql.zst', role: 'sql', compression: { kind: 'zstd', level: 3 } } as const;
    await expect(writer.sink.write(spec, failing(), quietWork)).rejects.toThrow('the server is gone');
    expect((await keysOf(store)).some((key) => key.endsWith('a.sql.zst'))).toBe(false);
  });

  it('stops when it is asked to, and can still clean up', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const writer = await beginSample(repository);
    const controller = new AbortController();
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield await Promise.resolve(Buffer.alloc(100_000, 'x'));
        controller.abort(new Error('stop'));
      }
    };
    const spec = { name: 'a.sql.zst', role: 'sql', compression: { kind: 'zstd', level: 1 } } as const;
    await expect(writer.sink.write(spec, endless(), { ...quietWork, signal: controller.signal })).rejects.toThrow(
      'stop',
    );
    await writer.abandon();
    expect(await keysOf(store)).toEqual([]);
  });
});

describe('a store that lies', () => {
  const lies: readonly (readonly [string, (key: string, store: Store) => Promise<void>])[] = [
    ['loses an artifact', async (key, store) => store.delete(key)],
    ['keeps half of an artifact', async (key, store) => store.put(key, sampleContent.subarray(0, 3))],
  ];

  it.each(lies)('and %s gets no manifest', async (_what, lie) => {
    const store = openMemoryStore();
    const lying: Store = {
      ...store,
      put: async (key, bytes, options) => {
        await store.put(key, bytes, options);
        if (key.includes('/app-')) await lie(key, store);
      },
    };
    const repository = await openSampleRepository(lying);
    await expect(writeSample(repository)).rejects.toMatchObject({ code: 'write-lost' });
    expect((await repository.list(all, signal)).backups).toEqual([]);
  });

  it('and garbles the manifest is found out', async () => {
    const store = openMemoryStore();
    const lying: Store = {
      ...store,
      put: async (key, bytes, options) =>
        store.put(key, key.endsWith('manifest.json') ? Buffer.from('{}') : bytes, options),
    };
    const repository = await openSampleRepository(lying);
    const writer = await beginSample(repository);
    await expect(fillSample(writer)).rejects.toMatchObject({ code: 'write-lost' });
    await writer.abandon();
    expect(await keysOf(store)).toEqual([]);
  });
});
