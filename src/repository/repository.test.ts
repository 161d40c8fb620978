import { describe, expect, it } from 'vitest';
import { makeClock } from '../../test/harness/clock.ts';
import {
  makeRandom,
  beginSample,
  fillSample,
  openSampleRepository,
  quietWork,
  sampleContent,
  sampleFingerprint,
  writeSample,
} from '../../test/harness/sample-backup.ts';
import { openMemoryStore } from '../storage/memory/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { wholeScope } from '../domain/scope.ts';
import type { VerifiedMark } from '../domain/mark.ts';
import { openRepository } from './open-repository.ts';
import { sealJson, unsealJson } from './sealed-json.ts';

const { signal } = quietWork;
const all = { database: null, newest: null };

async function textOf(store: Store, key: string): Promise<string> {
  return (await bytesOf(store.get(key))).toString('utf8');
}

async function bytesOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function keysOf(store: Store): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

function markOf(id: string, time: string): VerifiedMark {
  const facts = { format: 1, id, time, host: 'h', writer: 'w', files: ['app-20261121T020000Z.sql.zst'] } as const;
  return { ...facts, kind: 'verified', durationMs: 1, storedBytes: 1, findings: [] };
}

describe('a repository', () => {
  it('is there only when it was made, and is made once', async () => {
    const store = openMemoryStore();
    const options = { clock: makeClock(), host: 'h', writer: 'w', random: makeRandom() };
    await expect(openRepository(store, { ...options, create: false })).rejects.toMatchObject({
      code: 'no-repository',
      exit: 10,
    });
    const [one, other] = await Promise.all([1, 2].map(() => openRepository(store, { ...options, create: true })));
    expect(one?.id).toBe(other?.id);
    expect([one?.created, other?.created].filter(Boolean)).toHaveLength(1);
    expect(await openRepository(store, { ...options, create: false })).toMatchObject({ id: one?.id, created: false });
    expect(await textOf(store, 'README.txt')).toContain('RESTORE.txt');
  });

  it('is refused when a newer version made it, or its file is damaged', async () => {
    const store = openMemoryStore();
    await store.put('holdfast.json', sealJson({ format: 2, repository: 'x', created: 'y' }));
    await expect(openSampleRepository(store)).rejects.toMatchObject({ code: 'repository-newer' });
    await store.put('holdfast.json', Buffer.from('{}'));
    await expect(openSampleRepository(store)).rejects.toMatchObject({ code: 'repository-damaged', exit: 15 });
  });

  it('leaves a README of somebody else alone', async () => {
    const store = openMemoryStore();
    await store.put('README.txt', Buffer.from('mine'));
    await openSampleRepository(store);
    expect(await textOf(store, 'README.txt')).toBe('mine');
  });
});

describe('a backup that was written', () => {
  it('lies in the documented layout and can be read back', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const manifest = await writeSample(repository);
    const folder = `app/backups/${manifest.id}/`;
    expect(manifest.id).toBe('20261121T020000Z-dump-aaaa');
    expect(
      (await keysOf(store)).filter((key) => key.startsWith(folder)).map((key) => key.slice(folder.length)),
    ).toEqual([
      'RESTORE.txt',
      'SHA256SUMS',
      'app-20261121T020000Z.sql.zst',
      'begin.json',
      'fingerprint.json.zst',
      'globals-20261121T020000Z.sql.zst',
      'manifest.json',
    ]);
    const source = repository.open(manifest);
    const [artifact] = manifest.artifacts;
    if (artifact === undefined) throw new Error('no artifact');
    expect(await bytesOf(source.open(artifact, quietWork))).toEqual(sampleContent);
    expect(await source.fingerprint(quietWork)).toEqual(sampleFingerprint);
    expect(manifest.fingerprint).toEqual({ mode: 'content', tables: 1, rows: 2, largeObjects: 0, objects: 1 });
    expect(manifest.artifacts.map(({ role, frames }) => [role, frames])).toEqual([
      ['sql', 1],
      ['globals', 1],
      ['fingerprint', 1],
    ]);
    expect(await textOf(store, `${folder}RESTORE.txt`)).toContain('Restore with: psql -f');
    expect(await repository.checkFolder(manifest, signal)).toEqual([]);
  });

  it('keeps every byte of content of any size and compression', async () => {
    const repository = await openSampleRepository(openMemoryStore());
    const large = Buffer.alloc(5_300_001, 'abcdefghij0123456789\n');
    for (let at = 0; at < large.length; at += 97) large[at] = at % 251;
    const contents = {
      'empty.sql.zst': Buffer.alloc(0),
      'large.sql.zst': large,
      'large.sql.gz': large,
      'plain.sql': large,
    };
    const manifest = await writeSample(repository, { contents, parts: { fingerprint: null, fingerprintMode: 'off' } });
    expect(manifest.artifacts.map(({ frames }) => frames)).toEqual([1, 3, 3, 1]);
    for (const artifact of manifest.artifacts) {
      const read = await bytesOf(repository.open(manifest).open(artifact, quietWork));
      expect(read.equals(artifact.name.startsWith('empty') ? Buffer.alloc(0) : large), artifact.name).toBe(true);
    }
    expect(await repository.open(manifest).fingerprint(quietWork)).toBeNull();
  });

  it('is listed, newest first, and never shadowed by what is wrong beside it', async () => {
    const store = openMemoryStore();
    const clock = makeClock();
    const repository = await openSampleRepository(store, clock);
    const first = await writeSample(repository);
    clock.advance(60_000);
    const second = await writeSample(repository, { database: 'other' });
    clock.advance(60_000);
    const third = await writeSample(repository);
    clock.advance(60_000);
    const begun = await beginSample(repository);
    await store.put(`app/backups/${first.id}/manifest.json`, Buffer.from('{"format":1}'));
    await store.put(`other/backups/${second.id}/manifest.json`, sealJson({ ...second, kind: 'wal' }));
    await store.put('other.sql.gz', Buffer.from('an old script made this'));
    await store.put('app/backups/notes.txt', Buffer.from('x'));
    const catalog = await repository.list(all, signal);
    expect(catalog.backups.map(({ manifest }) => manifest.id)).toEqual([third.id]);
    expect(catalog.unreadable.map(({ id, state }) => [id, state])).toEqual([
      [second.id, 'unsupported'],
      [first.id, 'damaged'],
    ]);
    expect(catalog.unfinished).toMatchObject([{ id: begun.begin.id, process: 'running', begin: { host: 'here' } }]);
    expect(catalog.total).toBe(3);
    expect((await repository.list({ database: 'other', newest: null }, signal)).backups).toEqual([]);
  });

  it('is the latest when it was begun last, also within one second', async () => {
    const store = openMemoryStore();
    const clock = makeClock('2026-11-21T02:00:00.400Z');
    // Words that go down: the ids of one second would sort the wrong way round.
    const words = ['zzzz', 'yyyy', 'xxxx'];
    const repository = await openSampleRepository(store, clock, () => words.shift() ?? 'aaaa');
    const first = await writeSample(repository);
    const second = await writeSample(repository);
    expect([first.started, second.started]).toEqual(['2026-11-21T02:00:00.400Z', '2026-11-21T02:00:01.000Z']);
    expect(first.id < second.id).toBe(true);
    const request = { name: 'latest', database: null, timeZone: 'UTC' };
    expect((await repository.find(request, signal)).manifest.id).toBe(second.id);
  });

  it('is not listed when its manifest belongs to another folder', async () => {
    const store = openMemoryStore();
    const clock = makeClock();
    const repository = await openSampleRepository(store, clock);
    const first = await writeSample(repository);
    clock.advance(1000);
    const second = await writeSample(repository);
    await store.put(
      `app/backups/${second.id}/manifest.json`,
      await bytesOf(store.get(`app/backups/${first.id}/manifest.json`)),
    );
    const catalog = await repository.list(all, signal);
    expect(catalog.unreadable).toMatchObject([
      { id: second.id, state: 'damaged', problem: expect.stringContaining(first.id) as string },
    ]);
  });

  it('ignores fields that it does not know', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const manifest = await writeSample(repository);
    const sealed = sealJson({ ...manifest, retention: { until: 'later' } });
    await store.put(`app/backups/${manifest.id}/manifest.json`, sealed);
    expect((await repository.list(all, signal)).backups[0]?.manifest).toEqual(manifest);
  });

  it('cannot be written with an artifact outside its folder, or twice under one name', async () => {
    const repository = await openSampleRepository(openMemoryStore());
    const writer = await beginSample(repository);
    await expect(fillSample(writer, { contents: { '../x.sql': sampleContent } })).rejects.toThrow(/not a name/);
    const name = 'a.sql';
    const spec = { name, role: 'sql', compression: { kind: 'none' } } as const;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(sampleContent);
    };
    await writer.sink.write(spec, bytes(), quietWork);
    await expect(writer.sink.write(spec, bytes(), quietWork)).rejects.toMatchObject({ code: 'object-exists' });
  });
});

describe('finding a backup', () => {
  it('understands latest, ids, beginnings of ids, and times', async () => {
    const clock = makeClock();
    const repository = await openSampleRepository(openMemoryStore(), clock);
    const ids: string[] = [];
    for (const parts of [{}, {}, { scope: { ...wholeScope, kind: 'tables' as const } }, { label: 'safety' }]) {
      ids.push((await writeSample(repository, { parts })).id);
      clock.advance(3_600_000);
    }
    const find = async (name: string): Promise<string> =>
      (await repository.find({ name, database: null, timeZone: 'UTC' }, signal)).manifest.id;
    expect(await find('latest')).toBe(ids[1]);
    expect(await find(ids[3] ?? '')).toBe(ids[3]);
    expect(await find('20261121T04')).toBe(ids[2]);
    expect(await find('@2026-11-21T02:30')).toBe(ids[0]);
    expect(await find('@2026-11-22')).toBe(ids[1]);
    await expect(find('2026')).rejects.toMatchObject({ code: 'ambiguous-backup', exit: 2 });
    await expect(find('@2026-11-20')).rejects.toMatchObject({ code: 'backup-not-found', exit: 13 });
    await expect(find('nope')).rejects.toMatchObject({ code: 'backup-not-found', exit: 13 });
    await expect(find('')).rejects.toMatchObject({ code: 'backup-not-found' });
    await expect(find('@nope')).rejects.toMatchObject({ code: 'bad-time', exit: 2 });
  });

  it('passes over damaged ones for latest, and says what is wrong with one that was named', async () => {
    const clock = makeClock();
    const store = openMemoryStore();
    const repository = await openSampleRepository(store, clock);
    const old = await writeSample(repository);
    for (let hour = 0; hour < 12; hour += 1) {
      clock.advance(3_600_000);
      const { id } = await writeSample(repository);
      await repository.addMark(
        'app',
        { ...markOf(id, clock.now().toISOString()), kind: 'damaged', foundBy: 'verify', problems: [] },
        signal,
      );
    }
    const find = (name: string) => repository.find({ name, database: 'app', timeZone: 'UTC' }, signal);
    expect((await find('latest')).manifest.id).toBe(old.id);
    await store.put(`app/backups/${old.id}/manifest.json`, Buffer.from('x'));
    await expect(find(old.id)).rejects.toMatchObject({ code: 'manifest-damaged', exit: 15 });
    await expect(find('latest')).rejects.toMatchObject({ exit: 13 });
    const unfinished = await beginSample(repository);
    await expect(find(unfinished.begin.id)).rejects.toThrow(/never finished/);
  });

  it('asks which database when there are several', async () => {
    const repository = await openSampleRepository(openMemoryStore());
    await writeSample(repository);
    const { id } = await writeSample(repository, { database: 'other' });
    await expect(repository.find({ name: 'latest', database: null, timeZone: 'UTC' }, signal)).rejects.toMatchObject({
      code: 'which-database',
      exit: 2,
    });
    expect((await repository.find({ name: id, database: null, timeZone: 'UTC' }, signal)).manifest.database).toBe(
      'other',
    );
    expect(await repository.databases(signal)).toEqual(['app', 'other']);
  });
});

describe('marks', () => {
  it('change the state and are never rewritten', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const { id } = await writeSample(repository);
    const mark = markOf(id, '2026-11-21T03:00:00.000Z');
    await repository.addMark('app', mark, signal);
    await repository.addMark('app', mark, signal);
    const [backup] = (await repository.list(all, signal)).backups;
    expect(backup).toMatchObject({ state: 'verified', marks: [mark, mark], strangers: [], newestVerified: mark });
  });

  it('that cannot be read count for nothing, except one of damage', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const { id } = await writeSample(repository);
    const folder = `app/backups/${id}/`;
    await repository.addMark('app', markOf(id, '2026-11-21T03:00:00.000Z'), signal);
    const key = (await keysOf(store)).find((one) => one.includes('verified-')) ?? '';
    const unsealed = unsealJson(await bytesOf(store.get(key)));
    if (!unsealed.ok) throw new Error(unsealed.problem);
    await store.put(key, sealJson({ ...unsealed.value, id: '20261121T020000Z-dump-zzzz' }));
    await store.put(`${folder}pin-20261121T030000Z-aaaa.json`, Buffer.from('later'));
    const first = (await repository.list(all, signal)).backups[0];
    expect(first).toMatchObject({ state: 'stored', marks: [] });
    expect(first?.strangers).toEqual(['pin-20261121T030000Z-aaaa.json', key.slice(folder.length)]);
    await store.put(`${folder}damaged-20261121T040000Z-aaaa.json`, Buffer.from('unreadable'));
    expect((await repository.list(all, signal)).backups[0]?.state).toBe('damaged');
  });

  it('of expiry take a backup out of latest', async () => {
    const store = openMemoryStore();
    const repository = await openSampleRepository(store);
    const { id } = await writeSample(repository);
    await store.put(`app/backups/${id}/expired-20261122T000000Z.json`, Buffer.from('{}'));
    await expect(repository.find({ name: 'latest', database: 'app', timeZone: 'UTC' }, signal)).rejects.toMatchObject({
      exit: 13,
    });
  });
});
