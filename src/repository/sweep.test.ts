/** Deleting, tried at every point where it can stop (docs/format.md, "Expiry"). */

import { describe, expect, it } from 'vitest';
import { makeClock } from '../../test/harness/clock.ts';
import {
  beginSample,
  fillSample,
  makeRandom,
  openSampleRepository,
  quietWork,
  writeSample,
} from '../../test/harness/sample-backup.ts';
import { Killed, stopAtDeletion, type StopMoment } from '../../test/harness/stopping-store.ts';
import { graceMs } from '../domain/backup-hold.ts';
import type { HoldMark } from '../domain/mark.ts';
import { elsewhereMs } from '../domain/retention/leftover.ts';
import { openMemoryStore } from '../storage/memory/memory-store.ts';
import type { Store } from '../storage/store.ts';
import type { Repository } from './repository.ts';

const { signal } = quietWork;
const all = { database: null, newest: null };

interface Place {
  readonly store: Store;
  readonly clock: ReturnType<typeof makeClock>;
  readonly random: () => string;
  readonly repository: Repository;
  /** Of a backup that has a tombstone, and was pinned and unpinned before. */
  readonly id: string;
}

async function mark(place: Omit<Place, 'id'>, id: string, kind: HoldMark['kind']): Promise<void> {
  const { repository, clock } = place;
  clock.advance(1000);
  const time = clock.now().toISOString();
  const facts = { format: 1, id, time, host: 'here', writer: 'w', files: [], reason: 'a test' } as const;
  await repository.addMark('app', kind === 'expired' ? { ...facts, kind, by: 'prune' } : { ...facts, kind }, signal);
}

async function makePlace(): Promise<Place> {
  const clock = makeClock();
  const random = makeRandom();
  const store = openMemoryStore(clock);
  const repository = await openSampleRepository(store, clock, random);
  const { id } = await writeSample(repository);
  const place = { store, clock, random, repository };
  for (const kind of ['pin', 'unpin', 'expired'] as const) await mark(place, id, kind);
  return { ...place, id };
}

async function filesOf(store: Store, id: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const { key } of store.list(`app/backups/${id}/`)) files.push(key.slice(key.lastIndexOf('/') + 1));
  return files;
}

describe('an expired backup', () => {
  it('stays until its grace period is over, then goes: the manifest first, the tombstone last', async () => {
    const { store, clock, repository, id } = await makePlace();
    const before = await filesOf(store, id);
    const deleted: string[] = [];
    const watched: Store = {
      ...store,
      delete: async (key, stop) => {
        deleted.push(key.slice(key.lastIndexOf('/') + 1));
        await store.delete(key, stop);
      },
    };
    const watching = await openSampleRepository(watched, clock);
    clock.advance(graceMs - 1);
    expect(await watching.removeExpired({ database: 'app', id }, signal)).toBeNull();
    expect(deleted).toEqual([]);
    clock.advance(1);
    expect(await watching.removeExpired({ database: 'app', id }, signal)).toMatchObject({ files: before.length });
    expect(deleted.toSorted()).toEqual(before.toSorted());
    expect(deleted[0]).toBe('manifest.json');
    expect(deleted[1]).toMatch(/^pin-/);
    expect(deleted.at(-2)).toBe('begin.json');
    expect(deleted.at(-1)).toMatch(/^expired-/);
    expect(await repository.databases(signal)).toEqual([]);
    expect(await watching.removeExpired({ database: 'app', id }, signal)).toBeNull();
  });

  it('stays when it was pinned, also when the pin cannot be read', async () => {
    const place = await makePlace();
    const { store, clock, repository, id } = place;
    const key = `app/backups/${id}/pin-20261130T000000Z-zzzz.json`;
    clock.advance(graceMs);
    await store.put(key, Buffer.from('damaged'));
    expect((await repository.list(all, signal)).backups[0]?.hold.kind).toBe('pinned');
    expect(await repository.removeExpired({ database: 'app', id }, signal)).toBeNull();
    await store.delete(key);
    await mark(place, id, 'pin');
    expect(await repository.removeExpired({ database: 'app', id }, signal)).toBeNull();
    await mark(place, id, 'unpin');
    expect(await repository.removeExpired({ database: 'app', id }, signal)).toBeNull();
    expect((await repository.list(all, signal)).backups).toMatchObject([{ hold: { kind: 'none' }, state: 'stored' }]);
  });

  it('is no backup without a tombstone for whoever looks while another run deletes it', async () => {
    const { store, clock, repository, id } = await makePlace();
    clock.advance(graceMs);
    const deletedMeanwhile: Store = {
      ...store,
      get: async function* (key, range, stop) {
        if (key.includes('/expired-')) await repository.removeExpired({ database: 'app', id }, signal);
        yield* store.get(key, range, stop);
      },
    };
    const looking = await openSampleRepository(deletedMeanwhile, clock);
    expect((await looking.list(all, signal)).backups).toEqual([]);
    expect(await filesOf(store, id)).toEqual([]);
  });

  it('stays when its tombstone cannot be read, and is never latest', async () => {
    const { store, clock, repository, id } = await makePlace();
    const name = (await filesOf(store, id)).find((file) => file.startsWith('expired-')) ?? '';
    await store.put(`app/backups/${id}/${name}`, Buffer.from('damaged'));
    clock.advance(graceMs * 9);
    expect(await repository.removeExpired({ database: 'app', id }, signal)).toBeNull();
    const latest = { name: 'latest', database: 'app', timeZone: 'UTC' };
    await expect(repository.find(latest, signal)).rejects.toMatchObject({ exit: 13 });
  });

  /** Manifest, pin, two artifacts, fingerprint, instructions, sums, unpin, begin, tombstone. */
  const deletions = 10;
  const moments: readonly (readonly [number, StopMoment])[] = Array.from(
    { length: deletions },
    (_, at) => at + 1,
  ).flatMap((at) => [[at, 'before'] as const, [at, 'after'] as const]);

  it.each(moments)(
    'whose deletion stops at file %i (%s it) is whole or no backup, and goes later',
    async (at, moment) => {
      const { store, clock, random, repository, id } = await makePlace();
      clock.advance(graceMs);
      const dying = await openSampleRepository(stopAtDeletion(store, at, moment), clock, random);
      await expect(dying.removeExpired({ database: 'app', id }, signal)).rejects.toThrow(Killed);

      const { backups, unreadable, unfinished } = await repository.list(all, signal);
      const isUntouched = at === 1 && moment === 'before';
      const isGone = at === deletions && moment === 'after';
      expect(backups).toHaveLength(isUntouched ? 1 : 0);
      expect(unreadable).toEqual([]);
      expect(unfinished.map(({ hold }) => hold.kind)).toEqual(isUntouched || isGone ? [] : ['expired']);
      for (const { manifest } of backups) {
        for (const artifact of manifest.artifacts)
          await repository.hashStored(manifest, artifact, signal, () => undefined);
      }
      if (!isGone) expect(await repository.removeExpired({ database: 'app', id }, signal)).not.toBeNull();
      expect(await filesOf(store, id)).toEqual([]);
    },
  );

  it('needs as many deletions as this test believes', async () => {
    const { store, clock, random, id } = await makePlace();
    const counting = stopAtDeletion(store, Number.POSITIVE_INFINITY, 'before');
    clock.advance(graceMs);
    await (await openSampleRepository(counting, clock, random)).removeExpired({ database: 'app', id }, signal);
    expect(counting.deletions).toBe(deletions);
  });

  it('is deleted by two runs at once, and both are content', async () => {
    const { store, clock, random, id } = await makePlace();
    clock.advance(graceMs);
    const runs = await Promise.all([1, 2].map(() => openSampleRepository(store, clock, random)));
    await Promise.all(runs.map((run) => run.removeExpired({ database: 'app', id }, signal)));
    expect(await filesOf(store, id)).toEqual([]);
  });
});

describe('an unfinished folder', () => {
  it('of this very process stays, of another machine it goes after a week', async () => {
    const clock = makeClock();
    const store = openMemoryStore(clock);
    const repository = await openSampleRepository(store, clock);
    const { begin } = await beginSample(repository);
    clock.advance(elsewhereMs * 2);
    expect(await repository.removeUnfinished(begin, signal)).toBeNull();
    await store.delete(`app/backups/${begin.id}/begin.json`);
    await store.put(`app/backups/${begin.id}/app.sql.zst`, Buffer.from('half'));
    clock.advance(elsewhereMs - 1);
    expect(await repository.removeUnfinished(begin, signal)).toBeNull();
    clock.advance(1);
    expect(await repository.removeUnfinished(begin, signal)).toEqual({ files: 1, storedBytes: 4 });
    expect(await repository.removeUnfinished(begin, signal)).toBeNull();
  });

  it('that got its manifest meanwhile stays', async () => {
    const clock = makeClock();
    const store = openMemoryStore(clock);
    const repository = await openSampleRepository(store, clock);
    const writer = await beginSample(repository);
    await fillSample(writer);
    clock.advance(elsewhereMs * 2);
    expect(await repository.removeUnfinished(writer.begin, signal)).toBeNull();
    expect((await repository.list(all, signal)).backups).toHaveLength(1);
  });
});
