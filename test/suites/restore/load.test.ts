/** Rows and large objects through sessions of our own: under settings, names and data that stand in their way. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupSource } from '../../../src/domain/artifact.ts';
import type { ProgressEvent, Work } from '../../../src/domain/work.ts';
import type { RestoredCopy, RestorePlan } from '../../../src/engine/engine.ts';
import { parsePgUrl } from '../../../src/engine/postgres/connection/address.ts';
import { restoreBeside } from '../../../src/engine/postgres/restore/restore-beside.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { distributionMajor, testedMajors } from '../../harness/server-binaries.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { chunksOf, dumpDatabase, quietWork } from './dumped-backup.ts';

const [major = distributionMajor()] = testedMajors();
let server: TestServer;
let state: TestDirectory;

beforeAll(async () => {
  server = await startPostgres({ major });
  state = await makeTestDirectory('load');
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

interface Choices {
  readonly jobs?: number;
  readonly user?: string;
  readonly work?: Work;
}

function restore(database: string, source: BackupSource, choices: Choices = {}): Promise<RestoredCopy> {
  const url = server.socketUrl(database);
  const address = parsePgUrl({ url, origin: 'a test', baseDir: '/', environment: {} });
  const plan: RestorePlan = {
    request: { destination: { kind: 'replace' }, owners: true, privileges: true, jobs: choices.jobs ?? null },
    finalName: database,
    keptAs: `${database}_before_20261121_020000`,
    steps: [],
    findings: [],
    plainBytes: 0,
  };
  const context = {
    address: { ...address, user: choices.user ?? address.user },
    label: url,
    clock: wallClock,
    random: () => Math.random().toString(36).slice(2, 8).replace('.', 'x'),
    stateDirectory: state.path,
    environment: server.toolEnvironment,
  };
  return restoreBeside(context, plan, source, choices.work ?? quietWork);
}

/** Every row of every table, and every large object. */
async function contents(database: string): Promise<string> {
  const script = await server.psql(
    `SET client_encoding = 'UTF8'; SELECT format($$SELECT '%s', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ONLY %s t;$$, c.oid::regclass, c.oid::regclass)
       FROM pg_class c WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      ORDER BY relnamespace::regnamespace::text, relname`,
    database,
  );
  const objects = `SELECT oid, length(lo_get(oid)), md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid`;
  return server.psql(`SET client_encoding = 'UTF8'; ${script}\n${objects}`, database);
}

/** The copy holds what its source does. */
async function expectSame(database: string, source: BackupSource, choices: Choices = {}): Promise<void> {
  await using copy = await restore(database, source, choices);
  expect(await contents(copy.name)).toBe(await contents(database));
}

/** As a slow disk gives them. */
function slowly(source: BackupSource, bytes: Buffer, everyMs: number): BackupSource {
  return {
    ...source,
    open: async function* () {
      for await (const chunk of chunksOf(bytes)) {
        await sleep(everyMs);
        yield chunk;
      }
    },
  };
}

describe('settings of the database that a backup brings', () => {
  it('neither end sessions that wait nor change what is loaded', { timeout: 60_000 }, async () => {
    const name = 'hostile';
    await server.createDatabase(name);
    await server.psql(
      `CREATE TABLE arrays (x text[], d date, i interval); INSERT INTO arrays VALUES ('{NULL,"NULL",a}', '2026-02-03', '-1 day 2 hours');
       CREATE TABLE wide AS SELECT g, repeat(md5(g::text), 20) AS pad FROM generate_series(1, 2000) g;
       CREATE TABLE other AS SELECT * FROM wide; SELECT lo_from_bytea(7, 'abc');
       CREATE FUNCTION slow(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT pg_sleep(1); SELECT 1';
       CREATE TABLE one (x int); INSERT INTO one VALUES (1); CREATE INDEX ON one (slow(x)); CREATE INDEX ON wide (g)`,
      name,
    );
    const settings = [
      `idle_in_transaction_session_timeout = '150ms'`,
      `statement_timeout = '700ms'`,
      `lock_timeout = '100ms'`,
      `default_transaction_read_only = on`,
      `default_transaction_isolation = 'serializable'`,
      `default_transaction_deferrable = on`,
      `session_replication_role = replica`,
      `array_nulls = off`,
      `datestyle = 'SQL, DMY'`,
      `intervalstyle = 'sql_standard'`,
      `search_path = nowhere`,
      `row_security = off`,
      ...(major >= 14 ? [`idle_session_timeout = '150ms'`] : []),
      ...(major >= 17 ? [`transaction_timeout = '700ms'`] : []),
    ];
    await server.psql(settings.map((setting) => `ALTER DATABASE ${name} SET ${setting};`).join('\n'));
    const { source, bytes } = await dumpDatabase(server, name);
    await using copy = await restore(name, slowly(source, bytes, 40));
    const reset = `SET default_transaction_read_only = off; SET search_path = public; SET statement_timeout = 0;`;
    const read = `${reset} SELECT x, x IS NULL, d, i FROM arrays; SELECT count(*), sum(g) FROM wide; SELECT count(*) FROM other`;
    expect(await server.psql(read, copy.name)).toBe(await server.psql(read, name));
    expect(await server.psql(`${reset} SELECT x[1] IS NULL, x[2] IS NULL FROM arrays`, copy.name)).toMatch(/t\|f$/);
  });
});

describe('names in other encodings', () => {
  it('are found again in LATIN1', async () => {
    await server.createDatabase('latin', `TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    await server.psql(
      `SET client_encoding = 'UTF8'; CREATE SCHEMA "Öl"; CREATE TABLE "Öl"."größe" ("ä" text, "à" int);
       INSERT INTO "Öl"."größe" VALUES ('ü', 1), ('é', 2)`,
      'latin',
    );
    const { source } = await dumpDatabase(server, 'latin');
    await expectSame('latin', source);
    await expectSame('latin', source, { jobs: 1 });
  });

  it('are found again where nobody knows the encoding', async () => {
    await server.createDatabase('ascii', `TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`);
    await server.psql(
      String.raw`DO $$ BEGIN
         EXECUTE format('CREATE TABLE %I (x text)', convert_from('\x67e4'::bytea, 'SQL_ASCII'));
         EXECUTE format('INSERT INTO %I VALUES (%L)', convert_from('\x67e4'::bytea, 'SQL_ASCII'), convert_from('\xff41'::bytea, 'SQL_ASCII'));
         EXECUTE format('CREATE TABLE %I (x text)', convert_from('\x67c3a4'::bytea, 'SQL_ASCII'));
         EXECUTE format('INSERT INTO %I VALUES (1)', convert_from('\x67c3a4'::bytea, 'SQL_ASCII'));
       END $$`,
      'ascii',
    );
    const { source } = await dumpDatabase(server, 'ascii');
    const sums = `SELECT md5(query_to_xml(format('SELECT encode(x::bytea, ''hex'') FROM %s', c.oid::regclass), true, false, '')::text)
                    FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY c.relname`;
    await using copy = await restore('ascii', source);
    expect(await server.psql(sums, copy.name)).toBe(await server.psql(sums, 'ascii'));
  });
});

describe('data that stands in its own way', () => {
  it('is loaded all the same', { timeout: 60_000 }, async () => {
    const name = 'odd';
    await server.createDatabase(name);
    await server.psql(
      String.raw`CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES; CREATE TABLE empty (x int);
       CREATE TABLE "T" (x int); CREATE TABLE t (x int); CREATE TABLE "t""t" (x int);
       INSERT INTO "T" VALUES (1); INSERT INTO t VALUES (2); INSERT INTO "t""t" VALUES (3);
       CREATE TABLE "a${'\n'}b" ("c${'\n'}d" text); INSERT INTO "a${'\n'}b" VALUES (E'\\.\n\\.'), ('\.'), (E'\n'), (''), (NULL), ('\N');
       CREATE UNLOGGED TABLE u (x int); INSERT INTO u SELECT generate_series(1, 100);
       CREATE TABLE gen (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int GENERATED ALWAYS AS IDENTITY); INSERT INTO gen (a) VALUES (1), (2);
       CREATE TABLE parent (x int, extra text); CREATE TABLE child (y int) INHERITS (parent);
       INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES (2, 'b', 3);
       CREATE TABLE big (x text);
       INSERT INTO big SELECT repeat('x', n) FROM unnest(ARRAY[131071, 131066, 131072, 131073, 262144, 3000000, 5, 131060]) n;
       CREATE ROLE odd_owner; CREATE TABLE guarded (x int); INSERT INTO guarded VALUES (1);
       ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
       ALTER TABLE guarded OWNER TO odd_owner; REVOKE ALL ON guarded FROM odd_owner;
       CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
       CREATE TRIGGER no BEFORE INSERT OR TRUNCATE ON t EXECUTE FUNCTION no();
       SELECT lo_from_bytea(1, ''), lo_from_bytea(2, 'x'), lo_from_bytea(3, decode(repeat('ab', 131072), 'hex'));
       SELECT lo_from_bytea(4, decode(repeat('cd', 131073), 'hex')), lo_create(5); SELECT lo_put(1, 3000000, 'far');
       CREATE FUNCTION never() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''never''; END';
       CREATE EVENT TRIGGER never ON ddl_command_start EXECUTE FUNCTION never()`,
      name,
    );
    const { source } = await dumpDatabase(server, name);
    await expectSame(name, source);
    await expectSame(name, source, { jobs: 1 });
  });

  it('is loaded through the root of its partitions', async () => {
    await server.createDatabase('roots');
    await server.psql(
      `CREATE TYPE color AS ENUM ('red', 'blue', 'green');
       CREATE TABLE r (k int, c color, v text) PARTITION BY RANGE (k);
       CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (0) TO (1000);
       CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (1000) TO (9000) PARTITION BY HASH (c);
       CREATE TABLE h0 PARTITION OF r2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE h1 PARTITION OF r2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO r SELECT n, (ARRAY['red', 'blue', 'green'])[1 + n % 3]::color, md5(n::text) FROM generate_series(1, 5000) n`,
      'roots',
    );
    const whole = 'SELECT count(*), sum(k), md5(string_agg(v, $$$$ ORDER BY k)) FROM r';
    for (const args of [[], ['--load-via-partition-root']]) {
      const { source } = await dumpDatabase(server, 'roots', { arguments: args });
      await using copy = await restore('roots', source, { jobs: 3 });
      expect(await server.psql(whole, copy.name)).toBe(await server.psql(whole, 'roots'));
    }
  });

  it('comes in the order of the backup with one job, so that a CHECK may look into another table', async () => {
    await server.createDatabase('checked');
    await server.psql(
      `CREATE TABLE public.a (x int); INSERT INTO a SELECT generate_series(1, 50);
       CREATE FUNCTION public.known(int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.a WHERE x = $1)';
       CREATE TABLE public.b (x int CHECK (public.known(x)), pad text);
       INSERT INTO b SELECT 1 + n % 50, repeat('p', 1000) FROM generate_series(1, 500) n`,
      'checked',
    );
    const { source } = await dumpDatabase(server, 'checked');
    await expectSame('checked', source, { jobs: 1 });
  });
});

describe('the server', () => {
  it('may have fewer connections than there are jobs', async () => {
    await server.psql('CREATE ROLE few LOGIN CREATEDB CONNECTION LIMIT 3');
    await server.createDatabase('scarce', 'OWNER few');
    await server.psql(
      `SET ROLE few; CREATE SCHEMA s; CREATE TABLE s.x AS SELECT g FROM generate_series(1, 3000) g; CREATE INDEX ON s.x (g);
       CREATE TABLE s.y AS SELECT * FROM s.x; CREATE INDEX ON s.y (g)`,
      'scarce',
    );
    const { source } = await dumpDatabase(server, 'scarce');
    const steps: string[] = [];
    const report = (event: ProgressEvent): void => {
      if (event.kind === 'step') steps.push(event.text);
    };
    await expectSame('scarce', source, { jobs: 4, user: 'few', work: { ...quietWork, report } });
    expect(steps).toContainEqual(expect.stringMatching(/^loading with [12] jobs?$/));
  });

  it('may end a session in the middle: the restore fails at once, and nothing of it stays', async () => {
    await server.createDatabase('ended');
    await server.psql(
      `CREATE TABLE t AS SELECT g, repeat(md5(g::text), 30) FROM generate_series(1, 20000) g; CREATE TABLE t2 AS SELECT * FROM t`,
      'ended',
    );
    const { source, bytes } = await dumpDatabase(server, 'ended');
    const attempt = restore('ended', slowly(source, bytes, 5)).then(
      () => 'restored',
      (thrown: unknown) => thrown,
    );
    const end = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'ended_restoring%' AND query LIKE '%COPY%'`;
    await expect.poll(() => server.psql(end), { timeout: 20_000, interval: 20 }).not.toBe('0');
    expect(await attempt).toMatchObject({ code: 'server-gone' });
    expect(await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'ended%'`)).toBe('ended');
  });
});
