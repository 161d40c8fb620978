import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { makeDatabase } from './databases.ts';
import { everyKind } from './every-kind.ts';
import { openEngine, sqlite, startWork, takeBackup } from './image-store.ts';

test.each(['UTF-8', 'UTF-16le', 'UTF-16be'])(
  'a %s database with every kind of thing comes back equal',
  async (encoding) => {
    await using folder = await makeTestDirectory('sqlite');
    const path = join(folder.path, 'every kind.db');
    makeDatabase(path, `PRAGMA encoding = '${encoding}'; ${everyKind}`);
    const { outcome, source } = await takeBackup(openEngine(path), { fingerprint: 'independent' });
    const { fingerprint } = outcome;
    if (fingerprint === null) throw new Error('no fingerprint');
    await using copy = await sqlite.scratch({ kind: 'local' }, source, startWork());
    expect(await copy.fingerprint(fingerprint, startWork())).toEqual({ ...fingerprint, basis: undefined });
    expect(await copy.check(startWork())).toEqual([]);
    expect(await copy.query('SELECT count(*), NULL FROM anything', startWork())).toEqual([['27', null]]);
    const settings = fingerprint.objects
      .filter((object) => object.kind === 'setting')
      .map(({ name, facts }) => [name, facts]);
    expect(settings).toEqual([
      ['application_id', '252006673'],
      ['auto_vacuum', '2'],
      ['encoding', encoding],
      ['page_size', '8192'],
      ['user_version', '17'],
    ]);
    expect(fingerprint.tables.find((table) => table.table === 'computed')?.columns).toEqual(['a', 'b']);
    expect(
      fingerprint.tables.filter((table) => table.kind === 'virtual-table').map(({ table, rows }) => [table, rows]),
    ).toEqual([
      ['boxes', 2],
      ['own_words', 2],
      ['words', 4],
    ]);
  },
);

test('a table that needs something of the application is named, and the rest is compared', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE plain (v); INSERT INTO plain VALUES (1); CREATE TABLE t (v TEXT)');
  // As an application with a collation and a module of its own would have made it.
  const database = new DatabaseSync(path, { defensive: false });
  database.exec(`PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = 'CREATE TABLE t (v TEXT COLLATE own)' WHERE name = 't';
    INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0(v)');
    PRAGMA writable_schema = OFF`);
  database.close();
  const { outcome } = await takeBackup(openEngine(path));
  expect(outcome.fingerprint?.tables.map(({ table }) => table)).toEqual(['plain', 't']);
  expect(outcome.findings.map(({ severity, message }) => [severity, message])).toEqual([
    ['note', 'the rows of virtual table vectors are in the image but are not compared: no such module: vec0'],
  ]);
  expect(outcome.fingerprint?.objects).toContainEqual({
    kind: 'virtual-table',
    name: 'vectors',
    facts: 'CREATE VIRTUAL TABLE vectors USING vec0(v)',
  });
});

test('counts are read without hashes, and nothing is read with the fingerprint off', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE t (v); INSERT INTO t VALUES (1), (2)');
  const counted = await takeBackup(openEngine(path), { fingerprint: 'counts' });
  expect(counted.outcome.fingerprint?.tables).toEqual([
    { schema: 'main', table: 't', kind: 'table', columns: ['v'], rows: 2, sum: null },
  ]);
  const { outcome } = await takeBackup(openEngine(path), { fingerprint: 'off' });
  expect(outcome.fingerprint).toBeNull();
});

test('an artifact is checked without a restore: header, page size, number of pages', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE t (v); INSERT INTO t VALUES (zeroblob(20000))');
  const { bytes, source } = await takeBackup(openEngine(path));
  const check = async (changed: Buffer) => {
    const [artifact] = source.manifest.artifacts;
    if (artifact === undefined) throw new Error('no artifact');
    async function* chunks() {
      yield Promise.resolve(changed.subarray(0, 50));
      yield Promise.resolve(changed.subarray(50));
    }
    const findings = await sqlite.checkArtifact(artifact, chunks(), source.manifest, null, startWork());
    return findings.map(({ severity, message }) => `${severity}: ${message}`);
  };
  expect(await check(bytes)).toEqual([]);
  expect(await check(bytes.subarray(4096))).toEqual([
    'blocking: app-20261121T020000Z.db.zst does not begin as a SQLite database does',
  ]);
  expect(await check(bytes.subarray(0, 8192))).toEqual([
    'blocking: app-20261121T020000Z.db.zst holds 2 pages of 4096 bytes, its header says 6',
  ]);
  expect((await check(Buffer.concat([bytes, Buffer.from('x')])))[0]).toMatch(/no whole number of pages/);
});
