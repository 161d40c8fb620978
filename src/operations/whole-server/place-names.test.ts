import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDatabaseName } from '../../domain/backup-name.ts';
import { placeNames, type NamedDatabase } from './place-names.ts';

const none = (): Promise<null> => Promise.resolve(null);
const unnamed = (names: readonly string[]): readonly NamedDatabase[] =>
  names.map((name) => ({ name, configured: null }));

test('a database has its own name as a folder spells it', async () => {
  const places = await placeNames(unnamed(['shop', 'My App']), none);
  expect(Object.fromEntries(places)).toEqual({ shop: 'shop', 'My App': 'my-app' });
});

test('of two that are spelled the same, the one that needs no change has the plain place', async () => {
  const places = await placeNames(unnamed(['My-App', 'my-app', 'my app']), none);
  expect(places.get('my-app')).toBe('my-app');
  expect(places.get('My-App')).toMatch(/^my-app-[0-9a-f]{8}$/);
  expect(places.get('my app')).toMatch(/^my-app-[0-9a-f]{8}$/);
  expect(new Set(places.values()).size).toBe(3);
});

test('who has backups in a place keeps it, whoever comes later', async () => {
  const ownerOf = (place: string): Promise<string | null> => Promise.resolve(place === 'my-app' ? 'My App' : null);
  const places = await placeNames(unnamed(['My App', 'my-app']), ownerOf);
  expect(places.get('My App')).toBe('my-app');
  expect(places.get('my-app')).toMatch(/^my-app-[0-9a-f]{8}$/);
});

test('the place of a database that is gone is not given to another', async () => {
  const ownerOf = (place: string): Promise<string | null> => Promise.resolve(place === 'my-app' ? 'my-app' : null);
  const places = await placeNames(unnamed(['My App']), ownerOf);
  expect(places.get('My App')).toMatch(/^my-app-[0-9a-f]{8}$/);
});

test('a database that is called like the hashed name of another one does not share its place', async () => {
  const places = await placeNames(unnamed(['my-app', 'My App']), none);
  const hashed = places.get('My App') ?? '';
  const crowded = await placeNames(unnamed(['my-app', 'My App', hashed]), none);
  expect(new Set(crowded.values()).size).toBe(3);
  expect(crowded.get(hashed)).toBe(hashed);
  const later = await placeNames(unnamed(['my-app', 'My App', hashed]), (place) =>
    Promise.resolve([...places].find(([, is]) => is === place)?.[0] ?? null),
  );
  expect(later.get('My App')).toBe(hashed);
  expect(new Set(later.values()).size).toBe(3);
});

test('the settings come first', async () => {
  const places = await placeNames([{ name: 'prod_7', configured: 'shop' }, ...unnamed(['shop'])], none);
  expect(places.get('prod_7')).toBe('shop');
  expect(places.get('shop')).toMatch(/^shop-[0-9a-f]{8}$/);
});

test('any names have places of their own, the same in the next run', async () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(names, async (given) => {
      const first = await placeNames(unnamed(given), none);
      expect(new Set(first.values()).size).toBe(given.length);
      expect([...first.values()].every(isDatabaseName)).toBe(true);
      const owners = new Map([...first].map(([name, place]) => [place, name]));
      const again = await placeNames(unnamed(given.toReversed()), (place) =>
        Promise.resolve(owners.get(place) ?? null),
      );
      expect(Object.fromEntries(again)).toEqual(Object.fromEntries(first));
    }),
  );
});
