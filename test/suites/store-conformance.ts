/** What every store must do (src/storage/store.ts). Registered by a test beside each store. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ListEntry, ListOptions, Store } from '../../src/storage/store.ts';
import { collected, inChunks, lifelikeBytes } from '../harness/stream-bytes.ts';

export interface StoreUnderTest extends AsyncDisposable {
  /** Empty. */
  readonly store: Store;
}

export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the promises of a store:`, () => {
    let place: StoreUnderTest;
    beforeEach(async () => {
      place = await open();
    });
    afterEach(() => place[Symbol.asyncDispose]());
    const store = (): Store => place.store;
    describePut(store);
    describeGet(store);
    describeList(store);
    describeKeys(store);
  });
}

type Opened = () => Store;

async function contentOf(store: Store, key: string): Promise<Buffer> {
  return Buffer.concat(await collected(store.get(key)));
}

async function listed(store: Store, prefix: string, options?: ListOptions): Promise<string[]> {
  return (await collected<ListEntry>(store.list(prefix, options))).map((entry) => entry.key);
}

async function* broken(bytes: Uint8Array, reason: Error): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes, 100_000);
  throw reason;
}

function describePut(store: Opened): void {
  it.each([0, 1, 65_536, 3_000_001])('an object of %i bytes comes back as it was', async (length) => {
    const bytes = lifelikeBytes(length);
    await store().put('a/whole', bytes);
    await store().put('a/streamed', inChunks(bytes, 70_001));
    for (const key of ['a/whole', 'a/streamed']) {
      expect((await contentOf(store(), key)).equals(bytes)).toBe(true);
      expect(await store().head(key)).toMatchObject({ key, sizeBytes: length });
    }
  });

  it('a second put replaces the object', async () => {
    await store().put('k', Buffer.from('the longer first'));
    await store().put('k', Buffer.from('second'));
    expect(String(await contentOf(store(), 'k'))).toBe('second');
  });

  it('a source that throws leaves nothing, or the object that was there, and its own error', async () => {
    const reason = new Error('the source broke');
    await expect(store().put('new/k', broken(lifelikeBytes(300_000), reason))).rejects.toBe(reason);
    expect(await store().head('new/k')).toBeNull();
    await store().put('k', Buffer.from('old'));
    await expect(store().put('k', broken(lifelikeBytes(300_000), reason))).rejects.toBe(reason);
    expect(String(await contentOf(store(), 'k'))).toBe('old');
    expect(await listed(store(), '')).toEqual(['k']);
  });

  it('an abort leaves nothing and throws its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 5; count += 1) {
        if (count === 3) controller.abort(reason);
        yield await Promise.resolve(lifelikeBytes(1000));
      }
    }
    await expect(store().put('k', source(), { signal: controller.signal })).rejects.toBe(reason);
    await expect(store().put('k', Buffer.from('x'), { signal: controller.signal })).rejects.toBe(reason);
    expect(await listed(store(), '')).toEqual([]);
  });

  it('with ifAbsent an object is never replaced', async () => {
    await store().put('k', Buffer.from('first'), { ifAbsent: true });
    await expect(store().put('k', Buffer.from('second'), { ifAbsent: true })).rejects.toMatchObject({
      code: 'object-exists',
    });
    expect(String(await contentOf(store(), 'k'))).toBe('first');
    expect(await listed(store(), '')).toEqual(['k']);
  });

  it('of several writers with ifAbsent one wins, and its bytes are whole', async () => {
    if (!store().capabilities.conditionalPut) return;
    const writers = [1, 2, 3, 4, 5].map((seed) => lifelikeBytes(200_000, seed));
    const outcomes = await Promise.allSettled(
      writers.map((bytes) => store().put('race/k', inChunks(bytes, 50_000), { ifAbsent: true })),
    );
    const winners = writers.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const [winner = Buffer.alloc(0)] = winners;
    expect((await contentOf(store(), 'race/k')).equals(winner)).toBe(true);
    expect(await listed(store(), '')).toEqual(['race/k']);
  });

  it('a deleted object is gone, and deleting it again is nothing', async () => {
    await store().put('a/b/c', Buffer.from('x'));
    await store().put('a/d', Buffer.from('y'));
    await store().delete('a/b/c');
    await store().delete('a/b/c');
    await store().delete('never/was');
    expect(await store().head('a/b/c')).toBeNull();
    expect(await listed(store(), '')).toEqual(['a/d']);
    await store().put('a/b/c', Buffer.from('again'));
    expect(String(await contentOf(store(), 'a/b/c'))).toBe('again');
  });
}

function describeGet(store: Opened): void {
  it('what is not there is object-missing to get and null to head', async () => {
    await store().put('a/b', Buffer.from('x'));
    for (const key of ['nothing', 'a', 'a/b/c', 'a/c']) {
      await expect(contentOf(store(), key)).rejects.toMatchObject({ code: 'object-missing', exit: 13 });
      expect(await store().head(key)).toBeNull();
    }
  });

  it('a range gives exactly its bytes, cut at the end of the object', async () => {
    const bytes = lifelikeBytes(1_300_000);
    await store().put('k', bytes);
    const bound = fc.integer({ min: 0, max: 1_400_000 });
    await fc.assert(
      fc.asyncProperty(bound, bound, async (one, other) => {
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const got = Buffer.concat(await collected(store().get('k', range)));
        expect(got.equals(bytes.subarray(range.start, range.end))).toBe(true);
      }),
      {
        numRuns: 20,
        examples: [
          [0, 0],
          [1_300_000, 1_300_001],
          [524_288, 1_048_576],
          [1_299_999, 1_300_000],
        ],
      },
    );
  });

  it('a reader may leave early, and many may read at once', async () => {
    const bytes = lifelikeBytes(2_000_000);
    await store().put('k', bytes);
    for await (const chunk of store().get('k')) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const all = await Promise.all([1, 2, 3].map(() => contentOf(store(), 'k')));
    expect(all.every((one) => one.equals(bytes))).toBe(true);
  });

  it('an abort stops a read with its reason', async () => {
    await store().put('k', lifelikeBytes(3_000_000));
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const chunk of store().get('k', undefined, controller.signal)) {
        if (chunk.length > 0) controller.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
  });
}

function describeList(store: Opened): void {
  /** In the order of UTF-8 bytes: U+FF5E before U+10000, which UTF-16 sorts the other way round. */
  const keys = ['Z', 'a', 'a b', 'a.txt', 'a/b', 'a/b.c/d', 'a/b0', 'a0/x', 'b/\u{ff5e}', 'b/\u{10000}'].filter(
    // A file system cannot hold both `a` and `a/b`.
    (key) => key !== 'a' && key !== 'a/b',
  );

  async function fill(): Promise<void> {
    for (const key of [...keys].reverse()) await store().put(key, Buffer.from(key));
  }

  it('lists all keys in the order of their bytes, with size and time', async () => {
    await fill();
    expect(await listed(store(), '')).toEqual(keys);
    for (const entry of await collected(store().list(''))) {
      expect(entry.object).toEqual(await store().head(entry.key));
    }
  });

  it('lists what starts with a prefix, at a folder or inside a name', async () => {
    await fill();
    for (const prefix of ['a', 'a/', 'a/b', 'a/b.', 'b/', 'nothing', 'Z', 'a/b.c/d', 'a/b.c/d/e']) {
      expect(await listed(store(), prefix), prefix).toEqual(keys.filter((key) => key.startsWith(prefix)));
    }
  });

  it('with a delimiter joins what lies deeper', async () => {
    await fill();
    expect(await listed(store(), '', { delimiter: '/' })).toEqual(['Z', 'a b', 'a.txt', 'a/', 'a0/', 'b/']);
    expect(await listed(store(), 'a', { delimiter: '/' })).toEqual(['a b', 'a.txt', 'a/', 'a0/']);
    expect(await listed(store(), 'a/', { delimiter: '/' })).toEqual(['a/b.c/', 'a/b0']);
    const [first] = await collected(store().list('a/', { delimiter: '/' }));
    expect(first).toEqual({ key: 'a/b.c/', object: null });
  });

  it('starts after a key, whether that exists or not', async () => {
    await fill();
    for (const startAfter of [
      '',
      'Z',
      'a',
      'a.txt',
      'a/',
      'a/b.c',
      'a/b.c/',
      'a/b.c/d',
      'a/b0',
      'a1',
      'b/\u{ff5e}',
      'c',
    ]) {
      const after = keys.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0);
      expect(await listed(store(), '', { startAfter }), startAfter).toEqual(after);
    }
    expect(await listed(store(), '', { delimiter: '/', startAfter: 'a/' })).toEqual(['a0/', 'b/']);
    expect(await listed(store(), 'a/', { delimiter: '/', startAfter: 'a/b.c/' })).toEqual(['a/b0']);
  });

  it('lists an empty store, and one emptied again, as nothing', async () => {
    expect(await listed(store(), '')).toEqual([]);
    expect(await listed(store(), 'a/b/')).toEqual([]);
    await store().put('a/b/c', Buffer.from('x'));
    await store().delete('a/b/c');
    expect(await listed(store(), '', { delimiter: '/' })).toEqual([]);
  });

  it('lists any keys as a sorted set', async () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', 'é', '0'), minLength: 1, maxLength: 3 });
    const key = fc
      .array(part, { minLength: 1, maxLength: 3 })
      // No key may be a folder of another: every last part carries an ending that no folder has.
      .map((parts) => `${parts.map((one) => `d${one}`).join('/')}~`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 8 }), fc.option(key), async (chosen, startAfter) => {
        for (const one of chosen) await store().put(one, Buffer.from(one));
        const after = startAfter ?? '';
        const expected = chosen
          .filter((one) => Buffer.compare(Buffer.from(one), Buffer.from(after)) > 0)
          .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
        const got = await listed(store(), '', { startAfter: after });
        for (const one of chosen) await store().delete(one);
        expect(got).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
}

function describeKeys(store: Opened): void {
  it.each(['', '/abs', 'a//b', 'a/', '../x', 'a/../b', '.', 'a/./b', 'nul\0', '\ud800', '.tmp-x', 'a/.tmp-1/b'])(
    'the key %j is refused everywhere',
    async (key) => {
      const refused = { code: 'invalid-key' };
      await expect((async () => store().put(key, Buffer.from('x')))()).rejects.toMatchObject(refused);
      await expect((async () => contentOf(store(), key))()).rejects.toMatchObject(refused);
      await expect((async () => store().head(key))()).rejects.toMatchObject(refused);
      await expect((async () => store().delete(key))()).rejects.toMatchObject(refused);
      expect(await listed(store(), '')).toEqual([]);
    },
  );

  it('odd names are kept to the letter', async () => {
    const odd = ['with space', 'quote\'"`$', 'back\\slash', 'new\nline', 'ümläut', '日本', '-rf', '%2e%2e', '~'];
    for (const key of odd) await store().put(`odd/${key}`, Buffer.from(key));
    expect((await listed(store(), 'odd/')).sort()).toEqual(odd.map((key) => `odd/${key}`).sort());
    for (const key of odd) expect(String(await contentOf(store(), `odd/${key}`))).toBe(key);
  });
}
