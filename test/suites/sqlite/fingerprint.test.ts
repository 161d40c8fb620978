import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Fingerprint } from '../../../src/domain/fingerprint.ts';
import { fingerprintFile } from '../../../src/engine/sqlite/fingerprint/read-fingerprint.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { change, makeDatabase } from './databases.ts';
import { everyKind } from './every-kind.ts';

/** In this process: what a job's process would do. */
function fingerprintOf(path: string): Fingerprint {
  const report = { clock: wallClock, progress: () => undefined, text: () => undefined };
  return fingerprintFile({ path, isPrivate: false, mode: 'content', expected: null }, report).fingerprint;
}

test.each([
  ['one value', "UPDATE gaps SET v = 'FIVE' WHERE rowid = 5"],
  ['an integer that became a real', 'UPDATE anything SET v = 1.0 WHERE rowid = 1'],
  [
    'a text that became a blob of the same bytes',
    "UPDATE anything SET v = x'61' WHERE v = 'a' AND typeof(v) = 'text' AND length(CAST(v AS BLOB)) = 1",
  ],
  ['NULL for an empty text', "UPDATE anything SET v = NULL WHERE v = '' AND typeof(v) = 'text'"],
  ['the byte after a NUL', "UPDATE anything SET v = 'a' || char(0) || 'c' WHERE rowid = 20"],
  ['one invalid byte of a text for another', "UPDATE anything SET v = CAST(x'fe' AS TEXT) WHERE rowid = 23"],
  ['the last bit of a large integer', 'UPDATE anything SET v = 9223372036854775806 WHERE v = 9223372036854775807'],
  ['a row twice', "INSERT INTO keyed VALUES ('z', 9, 2)"],
  ['two values exchanged between columns', 'UPDATE emptied SET a = 2, b = 1'],
  ['a counter', "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'numbered'"],
  ['a missing index', 'DROP INDEX on_expression'],
  ['a changed view', 'DROP VIEW seen; CREATE VIEW seen AS SELECT a FROM computed'],
  ['a missing trigger', 'DROP TRIGGER watch'],
  ['the schema version of the application', 'PRAGMA user_version = 18'],
])('%s makes another fingerprint', async (_what, sql) => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, `${everyKind}; INSERT INTO emptied VALUES (1, 2, 3)`);
  const before = fingerprintOf(path);
  change(path, sql);
  expect(fingerprintOf(path)).not.toEqual(before);
});

test('a minus zero is another value than a zero', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const sums: unknown[] = [];
  for (const value of [0, -0]) {
    const path = join(folder.path, `${Object.is(value, -0) ? 'minus' : 'plus'}.db`);
    makeDatabase(path, 'CREATE TABLE t (v)');
    const database = new DatabaseSync(path);
    database.prepare('INSERT INTO t VALUES (?)').run(value);
    database.exec('UPDATE t SET v = v * 1.0');
    database.close();
    sums.push(fingerprintOf(path).tables[0]?.sum);
  }
  expect(sums[0]).not.toBe(sums[1]);
});

test('the order of rows does not matter, and generated columns are not compared', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const [a, b] = [join(folder.path, 'a.db'), join(folder.path, 'b.db')];
  makeDatabase(a, 'CREATE TABLE t (v, w AS (v + 1)); INSERT INTO t VALUES (1), (2), (2)');
  makeDatabase(b, 'CREATE TABLE t (v, w AS (v + 1)); INSERT INTO t VALUES (2), (1), (2)');
  expect(fingerprintOf(a).tables).toEqual(fingerprintOf(b).tables);
});

test('a table with 2000 columns and rows larger than the first buffer are read whole', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'wide.db');
  const columns = Array.from({ length: 2000 }, (_, number) => `c${String(number)}`);
  makeDatabase(
    path,
    `CREATE TABLE wide (${columns.join(',')}); INSERT INTO wide (c0, c1999) VALUES (1.5, 'end');
     CREATE TABLE large (v); INSERT INTO large VALUES (zeroblob(5000000)), (hex(zeroblob(300000))), (0.5)`,
  );
  const before = fingerprintOf(path);
  expect(before.tables.map(({ table, rows }) => [table, rows])).toEqual([
    ['large', 3],
    ['wide', 1],
  ]);
  change(path, "UPDATE wide SET c0 = 1.25; UPDATE large SET v = zeroblob(4999999) || x'01' WHERE rowid = 1");
  const after = fingerprintOf(path);
  for (const [at, table] of before.tables.entries()) expect(after.tables[at]?.sum).not.toBe(table.sum);
});
