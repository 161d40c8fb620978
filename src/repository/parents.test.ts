import { expect, it } from 'vitest';
import { openMemoryStore } from '../storage/memory/memory-store.ts';
import { readParents } from './parents.ts';
import { sealJson } from './sealed-json.ts';

const { signal } = new AbortController();
const full = '20261101T020000Z-base-aaaa';
const increment = '20261102T020000Z-base-aaab';
const unclear = '20261103T020000Z-base-aaac';
const dump = '20261101T030000Z-dump-aaad';

function begin(id: string, parent: string | null): Buffer {
  const started = '2026-11-01T02:00:00.000Z';
  const facts = {
    engine: 'sample',
    kind: id.slice(17, 21),
    parent,
    host: 'h',
    pid: 1,
    startedTicks: null,
    writer: 'w',
  };
  return Buffer.from(sealJson({ format: 1, id, database: 'app', ...facts, started }));
}

it('a backup is needed by the one that builds on it, finished or not', async () => {
  const store = openMemoryStore();
  await store.put(`app/backups/${full}/begin.json`, begin(full, null));
  await store.put(`app/backups/${increment}/begin.json`, begin(increment, full));
  const parents = await readParents(store, 'app', signal);
  expect(parents.neededBy(full)).toBe(`${increment} builds on it`);
  expect(parents.neededBy(increment)).toBeNull();
});

it('one whose begin.json cannot be read may build on any older one of its kind', async () => {
  const store = openMemoryStore();
  await store.put(`app/backups/${full}/begin.json`, begin(full, null));
  await store.put(`app/backups/${dump}/begin.json`, Buffer.from('damaged'));
  await store.put(`app/backups/${unclear}/begin.json`, Buffer.from('damaged'));
  const parents = await readParents(store, 'app', signal);
  expect(parents.neededBy(full)).toMatch(/may build on it/);
  expect(parents.neededBy(dump)).toBeNull();
  expect(parents.neededBy(unclear)).toBeNull();
});
