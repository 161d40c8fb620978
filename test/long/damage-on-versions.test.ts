/** Looking at damage and saving what reads, on each version: every kind of table, large objects, what an end that is cut off leaves. */

import { rename, truncate } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { damageBlocks, fileOf } from '../harness/damaged-files.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

// Each test runs the program several times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

interface TableFacts {
  readonly table: string;
  readonly rows: number;
  readonly lost: readonly { readonly unit: string; readonly first: string; readonly last: string }[];
  readonly error: string | null;
}

interface Facts {
  readonly id?: string;
  readonly tables?: readonly TableFacts[];
  readonly failures?: readonly { readonly what: string }[];
  readonly salvage?: { readonly list: readonly TableFacts[]; readonly notRead: readonly { readonly what: string }[] };
}

const content = `
  CREATE ROLE keeper;
  CREATE TABLE plain (id int PRIMARY KEY, gone text, note text, twice int GENERATED ALWAYS AS (id * 2) STORED);
  INSERT INTO plain (id, gone, note) SELECT i, 'x', 'note ' || i FROM generate_series(1, 1000) i;
  ALTER TABLE plain DROP COLUMN gone;
  CREATE TABLE parted (at int, body text) PARTITION BY RANGE (at);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
  CREATE TABLE parted_2 (body text, at int);
  ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES FROM (100) TO (1000);
  INSERT INTO parted SELECT i, 'p' || i FROM generate_series(1, 500) i;
  CREATE TABLE parent (id int); CREATE TABLE child (extra text) INHERITS (parent);
  INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, E'tab\\there\\nand line \\\\.');
  CREATE TABLE nothing (id int); CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES;
  CREATE UNLOGGED TABLE unlogged AS SELECT generate_series(1, 100) AS id;
  CREATE TABLE secret (id int GENERATED ALWAYS AS IDENTITY, owner name);
  INSERT INTO secret (owner) SELECT 'somebody' FROM generate_series(1, 50);
  ALTER TABLE secret ENABLE ROW LEVEL SECURITY; ALTER TABLE secret FORCE ROW LEVEL SECURITY;
  CREATE POLICY mine ON secret USING (owner = current_user);
  CREATE TABLE wide (id int, body text); ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
  INSERT INTO wide SELECT i, repeat(md5(i::text), 70000) FROM generate_series(1, 3) i;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM plain;
  CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS n WITH NO DATA;
  CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
  CREATE FOREIGN TABLE far (id int) SERVER elsewhere;
  CREATE SEQUENCE down INCREMENT -1; SELECT nextval('down'), nextval('down');
  SELECT lo_from_bytea(4711, decode(repeat('00ff10', 200000), 'hex')), lo_from_bytea(4712, ''), lo_from_bytea(4713, 'abc');
  ALTER LARGE OBJECT 4713 OWNER TO keeper; COMMENT ON LARGE OBJECT 4713 IS 'said';
`;

/** Everything a database holds, as SQL says it. */
const holds = `
  SELECT json_build_array(
    (SELECT array_agg(p ORDER BY id) FROM plain p), (SELECT array_agg(p ORDER BY at) FROM parted p),
    (SELECT array_agg(tableoid::regclass || ' ' || id ORDER BY id) FROM parent), (SELECT array_agg(c) FROM child c),
    (SELECT count(*) FROM nothing), (SELECT count(*) FROM no_columns), (SELECT sum(id) FROM unlogged),
    (SELECT array_agg(s ORDER BY id) FROM secret s), (SELECT array_agg(md5(body) ORDER BY id) FROM wide),
    (SELECT n FROM counted), (SELECT last_value FROM down),
    (SELECT array_agg(l.oid || ' ' || lomowner::regrole || ' ' || md5(lo_get(l.oid)) ORDER BY l.oid) FROM pg_largeobject_metadata l))`;

describe.each(testedMajors())('on PostgreSQL %i', (major) => {
  let server: TestServer;
  let directory: TestDirectory;
  let options: CliOptions;

  beforeEach(async () => {
    server = await startPostgres({ major });
    directory = await makeTestDirectory('hurt');
    options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.url('app') } };
    await server.createDatabase('app');
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function look(): Promise<{ readonly result: CliResult; readonly facts: Facts }> {
    const result = await runHoldfast(['doctor', '--damage', '--json'], options);
    return { result, facts: result.json().at(-1) ?? {} };
  }

  async function salvage(code: number): Promise<Facts> {
    const saved = await runHoldfast(['backup', '--salvage', '--json'], options);
    expect(saved.code, saved.stdout + saved.stderr).toBe(code);
    return saved.json().at(-1) ?? {};
  }

  async function restoreBeside(id: string | undefined): Promise<void> {
    const restored = await runHoldfast(['restore', id ?? '', '--into', 'saved', '--yes'], options);
    expect(restored.code, restored.stdout + restored.stderr).toBe(3);
  }

  const rowsOf = (tables: readonly TableFacts[] | undefined, name: string): number | undefined =>
    tables?.find(({ table }) => table === name)?.rows;

  test('of a healthy database a salvage holds every row and large object, whatever kind of table', async () => {
    await server.psql(content, 'app');
    const { result } = await look();
    expect(result.code, result.stdout).toBe(0);
    const { id } = await salvage(0);
    await restoreBeside(id);
    expect(await server.psql(holds, 'saved')).toBe(await server.psql(holds, 'app'));
    expect(await server.psql(`SELECT relispopulated FROM pg_class WHERE relname = 'unfilled'`, 'saved')).toBe('f');
  });

  test('a large object whose pages are damaged is named, and the others are saved', async () => {
    await server.psql(content, 'app');
    const block = `split_part(trim('()' from ctid::text), ',', 1)::int`;
    const last = Number(await server.psql(`SELECT max(${block}) FROM pg_largeobject WHERE loid = 4711`, 'app'));
    const first = Number(await server.psql(`SELECT min(${block}) FROM pg_largeobject WHERE loid = 4711`, 'app'));
    await damageBlocks(server, 'app', [
      { relation: 'pg_largeobject', block: Math.floor((first + last) / 2), how: 'garbage' },
    ]);
    const { result, facts } = await look();
    expect(result.code, result.stdout).toBe(15);
    expect(facts.failures?.map(({ what }) => what)).toContain('large object 4711');
    const saved = await salvage(15);
    expect(saved.salvage?.notRead.map(({ what }) => what)).toEqual(['large object 4711']);
    await restoreBeside(saved.id);
    expect(
      await server.psql('SELECT string_agg(oid::text, $$,$$ ORDER BY oid) FROM pg_largeobject_metadata', 'saved'),
    ).toBe('4712,4713');
  });

  test('a scan that broke off somewhere does not make the next one begin there', async () => {
    // Larger than a quarter of the server's shared buffers: from there on scans begin where others are.
    await server.psql(
      `CREATE TABLE large (id int, body text); INSERT INTO large SELECT i, repeat('x', 900) FROM generate_series(1, 20000) i`,
      'app',
    );
    const hurt = 2000;
    const expected = Number(
      await server.psql(
        `SELECT count(*) FROM large WHERE split_part(trim('()' from ctid::text), ',', 1)::int <> ${hurt}`,
        'app',
      ),
    );
    await damageBlocks(server, 'app', [{ relation: 'large', block: hurt, how: 'garbage' }]);
    await expect(server.psql('SELECT count(*) FROM large', 'app')).rejects.toThrow(/invalid page/);
    const { facts } = await look();
    expect(rowsOf(facts.tables, 'large')).toBe(expected);
    await expect(server.psql('SELECT count(*) FROM large', 'app')).rejects.toThrow(/invalid page/);
    const { salvage: saved, id } = await salvage(15);
    expect(rowsOf(saved?.list, 'large')).toBe(expected);
    await restoreBeside(id);
    expect(await server.psql('SELECT count(DISTINCT id) FROM large', 'saved')).toBe(String(expected));
  });

  test('damage in the first and the last block of a table costs those', async () => {
    await server.psql(
      `CREATE TABLE t (id int PRIMARY KEY, body text); INSERT INTO t SELECT i, repeat('y', 500) FROM generate_series(1, 1000) i;
       CREATE TABLE one (id int); INSERT INTO one VALUES (1)`,
      'app',
    );
    const last = Number(await server.psql(`SELECT pg_relation_size('t') / 8192 - 1`, 'app'));
    const expected = Number(
      await server.psql(
        `SELECT count(*) FROM t WHERE split_part(trim('()' from ctid::text), ',', 1)::int NOT IN (0, ${last})`,
        'app',
      ),
    );
    await damageBlocks(server, 'app', [
      { relation: 't', block: 0, how: 'garbage' },
      { relation: 't', block: last, how: 'garbage' },
      { relation: 'one', block: 0, how: 'garbage' },
    ]);
    const { facts } = await look();
    expect(facts.tables?.find(({ table }) => table === 't')).toMatchObject({
      rows: expected,
      lost: [
        { first: '0', last: '0' },
        { first: String(last), last: String(last) },
      ],
    });
    expect(facts.tables?.find(({ table }) => table === 'one')).toMatchObject({ rows: 0, lost: [{ first: '0' }] });
    const saved = await salvage(15);
    await restoreBeside(saved.id);
    expect(await server.psql('SELECT count(*) FROM t', 'saved')).toBe(String(expected));
  });

  test('blocks of zeros are found on every version', async () => {
    await server.psql(
      `CREATE TABLE z (id int, body text); INSERT INTO z SELECT i, repeat('y', 500) FROM generate_series(1, 2000) i;`,
      'app',
    );
    await server.psql('VACUUM z', 'app');
    await damageBlocks(
      server,
      'app',
      [5, 6, 70].map((block) => ({ relation: 'z', block, how: 'zeros' as const })),
    );
    const { facts } = await look();
    expect(facts.tables?.find(({ table }) => table === 'z')?.lost).toMatchObject([
      { first: '5', last: '6' },
      { first: '70', last: '70' },
    ]);
  });

  test('a table whose file is gone is damaged; one whose end is cut off is said to be shorter', async () => {
    await server.psql(
      `CREATE TABLE gone AS SELECT generate_series(1, 1000) AS id; CREATE TABLE cut AS SELECT generate_series(1, 10000) AS id;
       CREATE TABLE whole AS SELECT generate_series(1, 10) AS id;`,
      'app',
    );
    await server.psql('VACUUM ANALYZE', 'app');
    const [gone, cut] = [await fileOf(server, 'app', 'gone'), await fileOf(server, 'app', 'cut')];
    await server.stop();
    await rename(gone, `${gone}.away`);
    await truncate(cut, 8192 * 10);
    await server.start();
    const { result, facts } = await look();
    expect(result.code, result.stdout).toBe(15);
    expect(facts.tables?.find(({ table }) => table === 'gone')?.error).toMatch(/could not open file/);
    expect(result.stdout).toMatch(/"code":"table-shorter","message":"public\.cut has 10 blocks/);
    const saved = await salvage(15);
    await restoreBeside(saved.id);
    expect(await server.psql('SELECT count(*) FROM whole', 'saved')).toBe('10');
  });

  test('an index that leads to rows that are not there is no reason to make it anew', async () => {
    await server.psql('CREATE TABLE cut (id int PRIMARY KEY); INSERT INTO cut SELECT generate_series(1, 10000)', 'app');
    await server.psql('VACUUM', 'app');
    const cut = await fileOf(server, 'app', 'cut');
    await server.stop();
    await truncate(cut, 8192 * 10);
    await server.start();
    const { result, facts } = await look();
    expect(result.code, result.stdout).toBe(15);
    expect(facts.failures?.map(({ what }) => what)).toContain('table public.cut');
    expect(result.stdout).not.toContain('REINDEX');
  });

  test('an end that is cut off is never a plain success', async () => {
    await server.psql('CREATE TABLE cut AS SELECT generate_series(1, 10000) AS id', 'app');
    await server.psql('VACUUM ANALYZE', 'app');
    const cut = await fileOf(server, 'app', 'cut');
    await server.stop();
    await truncate(cut, 8192 * 10);
    await server.start();
    expect((await look()).result.code).toBe(3);
    await salvage(3);
  });

  test('a lock that somebody holds and timeouts of the role neither hang nor hide anything', async () => {
    await server.psql(
      `CREATE TABLE held AS SELECT generate_series(1, 10) AS id; CREATE TABLE free AS SELECT generate_series(1, 10) AS id;
       ALTER ROLE postgres SET statement_timeout = '300ms'; ALTER ROLE postgres SET lock_timeout = '50ms'`,
      'app',
    );
    const locker = server
      .psql('SET statement_timeout = 0; BEGIN; LOCK TABLE held; SELECT pg_sleep(120)', 'app')
      .catch(() => 'ended');
    await expect
      .poll(() =>
        server.psql(
          `SET statement_timeout = 0; SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted`,
        ),
      )
      .toContain('1');
    const { result, facts } = await look();
    expect(result.elapsedMs).toBeLessThan(100_000);
    expect(result.code, result.stdout).toBe(15);
    expect(rowsOf(facts.tables, 'free')).toBe(10);
    expect(facts.tables?.find(({ table }) => table === 'held')?.error).toMatch(/lock/);
    await server.psql(
      `SET statement_timeout = 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE%' AND pid <> pg_backend_pid()`,
    );
    await locker;
  });

  test('a table of bytes that are no text is saved as it is', async () => {
    await server.psql(
      `CREATE TABLE bin (id int, b bytea); INSERT INTO bin SELECT i, sha256(i::text::bytea) FROM generate_series(1, 500) i`,
      'app',
    );
    const sums = 'SELECT md5(string_agg(encode(b, $$hex$$), $$$$ ORDER BY id)) FROM bin';
    const { id } = await salvage(0);
    await restoreBeside(id);
    expect(await server.psql(sums, 'saved')).toBe(await server.psql(sums, 'app'));
  });
});
