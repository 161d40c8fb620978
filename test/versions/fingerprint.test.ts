/** Fingerprints of real databases: equal after a stock restore, different after any change. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareFingerprints } from '../../src/domain/compare-fingerprints.ts';
import type { Difference, Fingerprint } from '../../src/domain/fingerprint.ts';
import { readRestoredFingerprint } from '../../src/engine/postgres/fingerprint/restored-fingerprint.ts';
import { addEnumHash, createEveryObjectRoles, loadEveryObject } from '../harness/every-object.ts';
import {
  addressOf,
  dumpAndFingerprint,
  loadOddObjects,
  quietWork,
  restoreArchive,
  type FingerprintedDump,
} from '../harness/fingerprinted-dump.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

type Change = readonly [sql: string, kind: string, name: string];

/** Changes of content, and the kind and name of what must be reported for each. */
const contentChanges: readonly Change[] = [
  [`UPDATE held SET h = 'a=>2'`, 'table', 'public.held'],
  [`UPDATE parent_a SET c = 1.0 WHERE c = 1 AND c::text = '1.00'`, 'table', 'public.parent_a'],
  [`DELETE FROM nothing WHERE ctid = '(0,1)'`, 'table', 'public.nothing'],
  [`INSERT INTO only_generated DEFAULT VALUES`, 'table', 'public.only_generated'],
  [`UPDATE generated SET c = '' WHERE c IS NULL`, 'table', 'public.generated'],
  [`SELECT setval('unused', 77, true)`, 'sequence', 'public.unused'],
  [`SELECT lo_put(3000000000, 0, 'bug')`, 'large objects', 'all'],
];

/** Changes of objects. */
const objectChanges: readonly Change[] = [
  [`DROP INDEX trigrams`, 'index', 'public.trigrams'],
  [`CREATE INDEX unexpected ON target (id)`, 'index', 'public.unexpected'],
  [`CREATE TABLE unexpected_table ()`, 'table', 'public.unexpected_table'],
  [`CREATE SEQUENCE unexpected_sequence`, 'sequence', 'public.unexpected_sequence'],
  [`ALTER INDEX expression SET (fillfactor = 71)`, 'index', 'public.expression'],
  [`ALTER TABLE checked DROP CONSTRAINT no_overlap`, 'constraint', 'public.checked.no_overlap'],
  [`ALTER TABLE checked VALIDATE CONSTRAINT later`, 'constraint', 'public.checked.later'],
  [`ALTER TABLE orders_1 ALTER COLUMN note SET NOT NULL`, 'column', 'public.orders_1.note'],
  [`ALTER TABLE orders_2 ALTER COLUMN note DROP DEFAULT`, 'column', 'public.orders_2.note'],
  [`ALTER TABLE serials ALTER COLUMN a TYPE numeric`, 'column', 'public.serials.a'],
  [`ALTER TABLE unlogged SET LOGGED`, 'table', 'public.unlogged'],
  [`ALTER TABLE hashed DETACH PARTITION hashed_1`, 'table', 'public.hashed_1'],
  [`ALTER TABLE checked DISABLE ROW LEVEL SECURITY`, 'table', 'public.checked'],
  [`DROP POLICY readers ON checked`, 'policy', 'public.checked.readers'],
  [`DROP VIEW joined`, 'view', 'public.joined'],
  [`ALTER VIEW plain_view RESET (security_barrier)`, 'view', 'public.plain_view'],
  [`REFRESH MATERIALIZED VIEW unfilled`, 'materialized-view', 'public.unfilled'],
  [`ALTER TABLE target ENABLE RULE note`, 'rule', 'public.target.note'],
  [`ALTER TABLE checked DISABLE TRIGGER deferred`, 'trigger', 'public.checked.deferred'],
  [`ALTER EVENT TRIGGER watch ENABLE`, 'event-trigger', 'watch'],
  [
    `CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'`,
    'function',
    'public.touch()',
  ],
  [`ALTER FUNCTION same(mood, mood) VOLATILE`, 'function', 'public.same(public.mood, public.mood)'],
  [`DROP AGGREGATE total(int)`, 'aggregate', 'public.total(integer)'],
  [`ALTER OPERATOR === (mood, mood) SET (RESTRICT = NONE)`, 'operator', 'public.===(public.mood,public.mood)'],
  [`DROP OPERATOR CLASS int_back USING btree`, 'operator-class', 'public.int_back USING btree'],
  [`DROP CAST (mood AS int)`, 'cast', 'public.mood AS integer'],
  [`ALTER TYPE mood ADD VALUE 'new'`, 'type', 'public.mood'],
  [`ALTER DOMAIN positive DROP CONSTRAINT small`, 'domain-constraint', 'public.positive.small'],
  [`ALTER TYPE pair RENAME ATTRIBUTE b TO bb CASCADE`, 'column', 'public.pair.bb'],
  [`DROP COLLATION numeric_order`, 'collation', 'public.numeric_order'],
  [`ALTER TEXT SEARCH DICTIONARY plain (ACCEPT = true)`, 'text-search-dictionary', 'public.plain'],
  [`ALTER TEXT SEARCH CONFIGURATION ours DROP MAPPING FOR word`, 'text-search-configuration', 'public.ours'],
  [`ALTER STATISTICS together SET STATISTICS 7`, 'statistics', 'public.together'],
  [`ALTER SEQUENCE loose CACHE 6`, 'sequence', 'public.loose'],
  [`ALTER SERVER nowhere OPTIONS (SET port '2')`, 'foreign-server', 'nowhere'],
  [`DROP USER MAPPING FOR public SERVER nowhere`, 'user-mapping', 'nowhere FOR public'],
  [`ALTER FOREIGN TABLE abroad OPTIONS (DROP t)`, 'foreign-table', 'public.abroad'],
  [`ALTER PUBLICATION chosen SET (publish = 'insert, delete')`, 'publication', 'chosen'],
  [`ALTER PUBLICATION chosen DROP TABLE target`, 'publication-table', 'chosen public.target'],
  [`DROP EXTENSION citext CASCADE`, 'extension', 'citext'],
  [`ALTER SCHEMA "Odd ""Schema""" RENAME TO other`, 'schema', '"Odd ""Schema"""'],
  [`COMMENT ON COLUMN checked.v IS 'other'`, 'comment', 'table column public.checked.v'],
  [`ALTER TABLE target OWNER TO odd_reader`, 'owner', 'table public.target'],
  [`REVOKE UPDATE (v) ON checked FROM odd_reader`, 'acl', 'column public.checked.v'],
  [`GRANT DELETE ON checked TO public`, 'acl', 'table public.checked'],
  [
    `ALTER DEFAULT PRIVILEGES FOR ROLE odd_owner IN SCHEMA public REVOKE SELECT ON TABLES FROM odd_reader`,
    'default-acl',
    'odd_owner public r',
  ],
];

describe.each(testedMajors())('on PostgreSQL %i', (major) => {
  let server: TestServer;
  let directory: TestDirectory;
  let source: FingerprintedDump;
  const restoredUnder = 'restored';

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { wal_level: 'logical' } });
    directory = await makeTestDirectory('fingerprint');
    await loadOddObjects(server, 'odd');
    source = await dumpAndFingerprint(server, 'odd', { mode: 'independent' });
    const path = join(directory.path, 'odd.dump');
    await writeFile(path, source.archive);
    await restoreArchive(server, path, restoredUnder);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function differences(
    database: string,
    expected: Fingerprint = source.fingerprint,
  ): Promise<readonly Difference[]> {
    const actual = await readRestoredFingerprint(addressOf(server, database), expected, quietWork);
    return compareFingerprints(expected, actual, { owners: true, privileges: true }).differences;
  }

  test('a database of odd objects is equal after a stock restore, rows read twice in the snapshot', async () => {
    expect(await differences(restoredUnder)).toEqual([]);
    const { tables, objects, sequences, largeObjects } = source.fingerprint;
    expect(tables.length).toBe(21);
    expect(objects.length).toBeGreaterThan(250);
    expect(sequences.map(({ name, lastValue, isCalled }) => [name, lastValue, isCalled])).toEqual(
      expect.arrayContaining([
        ['loose', '42', true],
        ['unused', '77', false],
        ['owned', '9223372036854775806', true],
        [String.raw`Odd 'seq\ `.trim(), '1', true],
      ]),
    );
    expect(largeObjects).toMatchObject({ count: 3, bytes: 100_003 });
  });

  async function changed(
    database: string,
    changes: readonly Change[],
  ): Promise<readonly (readonly [string, string])[]> {
    await server.createDatabase(database, `TEMPLATE ${restoredUnder}`);
    await server.psql(changes.map(([sql]) => `${sql};\n`).join(''), database);
    return (await differences(database)).map(({ kind, name }) => [kind, name]);
  }

  test('every change of a row, a sequence, a large object is seen, and nothing else', async () => {
    const found = await changed('other_content', contentChanges);
    expect([...found].sort()).toEqual(contentChanges.map(([, kind, name]) => [kind, name]).sort());
  });

  test('every change of an object is seen', async () => {
    const found = await changed('other_objects', objectChanges);
    expect(found).toEqual(expect.arrayContaining(objectChanges.map(([, kind, name]) => [kind, name])));
  });

  // The fixture uses what version 14 brought.
  if (major >= 15) {
    test('a database with one of every kind of object is equal too, rows loaded through a partition root included', async () => {
      await createEveryObjectRoles(server);
      await loadEveryObject(server, 'every', `TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`);
      await addEnumHash(server, 'every');
      const { archive, fingerprint } = await dumpAndFingerprint(server, 'every');
      const path = join(directory.path, 'every.dump');
      await writeFile(path, archive);
      await restoreArchive(server, path, 'every_restored', `ENCODING 'UTF8' LOCALE 'C.UTF-8'`);
      expect(await differences('every_restored', fingerprint)).toEqual([]);
      await server.psql('INSERT INTO sales.by_enum SELECT * FROM sales.by_enum LIMIT 1', 'every_restored');
      expect((await differences('every_restored', fingerprint)).map(({ kind }) => kind)).toEqual(['table']);
    });
  }

  test('a database in LATIN1 is equal, and its rows are hashed as LATIN1', async () => {
    const options = `ENCODING 'LATIN1' LOCALE 'C'`;
    await server.createDatabase('latin', `TEMPLATE template0 ${options}`);
    await server.psql(
      `SET client_encoding = UTF8; CREATE TABLE "größe" ("straße" text); INSERT INTO "größe" VALUES ('Übermaß'), ('x')`,
      'latin',
    );
    const { archive, fingerprint } = await dumpAndFingerprint(server, 'latin', { mode: 'independent' });
    expect(fingerprint).toMatchObject({
      encoding: 'LATIN1',
      tables: [{ table: 'größe', columns: ['straße'], rows: 2 }],
    });
    const path = join(directory.path, 'latin.dump');
    await writeFile(path, archive);
    await restoreArchive(server, path, 'latin_restored', options);
    expect(await differences('latin_restored', fingerprint)).toEqual([]);
  });

  test('with `counts` the content is not compared, the rows are', async () => {
    const { fingerprint } = await dumpAndFingerprint(server, 'odd', { mode: 'counts' });
    expect(fingerprint.tables.every((table) => table.sum === null)).toBe(true);
    await server.createDatabase('counted', `TEMPLATE ${restoredUnder}`);
    await server.psql(`UPDATE held SET h = 'a=>2'`, 'counted');
    expect(await differences('counted', fingerprint)).toEqual([]);
    await server.psql('DELETE FROM held', 'counted');
    expect(await differences('counted', fingerprint)).toEqual([
      { kind: 'table', name: 'public.held', what: 'rows 0 instead of 1' },
    ]);
  });

  test('a partial dump says what its tables and sequences are, and nothing of objects', async () => {
    const scope = {
      kind: 'tables',
      tables: ['public.target', 'public.orders*'],
      excludedTables: [],
      schemas: [],
      excludedSchemas: [],
    } as const;
    const { fingerprint } = await dumpAndFingerprint(server, 'odd', {
      scope,
      arguments: scope.tables.map((pattern) => `--table=${pattern}`),
    });
    expect(fingerprint.tables.map((table) => table.table).sort()).toEqual([
      'orders_1',
      'orders_2',
      'orders_default',
      'target',
    ]);
    expect(fingerprint).toMatchObject({ objects: [], largeObjects: null });
    expect(await differences(restoredUnder, fingerprint)).toEqual([]);
  });

  test('a dump that is not what the snapshot holds is given up', async () => {
    const mismatch = { code: 'fingerprint-mismatch' };
    const lessRows = dumpAndFingerprint(server, 'odd', {
      alter: (scan) => ({
        ...scan,
        tables: scan.tables.map((table) => (table.rows === 20 ? { ...table, rows: 19 } : table)),
      }),
    });
    await expect(lessRows).rejects.toMatchObject({
      ...mismatch,
      message: expect.stringContaining('public.target: 20 counted') as unknown,
    });
    const otherContent = dumpAndFingerprint(server, 'odd', {
      mode: 'independent',
      alter: (scan) => ({ ...scan, tables: scan.tables.map((table) => ({ ...table, sum: table.sum ^ 1n })) }),
    });
    await expect(otherContent).rejects.toMatchObject(mismatch);
    await expect(
      dumpAndFingerprint(server, 'odd', { arguments: ['--exclude-table-data=public.target'] }),
    ).rejects.toMatchObject({
      ...mismatch,
      message: expect.stringContaining('leaves out the table public.target') as unknown,
    });
    await expect(dumpAndFingerprint(server, 'odd', { arguments: ['--no-blobs'] })).rejects.toMatchObject(mismatch);
  });
});
