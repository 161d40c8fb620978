/** A database emptied and filled within one transaction, by its superuser and by an owner who may do little else. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupSource } from '../../../src/domain/artifact.ts';
import { compareFingerprints } from '../../../src/domain/compare-fingerprints.ts';
import { hasBlocking } from '../../../src/domain/finding.ts';
import type { Fingerprint } from '../../../src/domain/fingerprint.ts';
import type { RestoredCopy, RestorePlan } from '../../../src/engine/engine.ts';
import { parsePgUrl } from '../../../src/engine/postgres/connection/address.ts';
import type { RestoreContext } from '../../../src/engine/postgres/restore/context.ts';
import { planInPlace } from '../../../src/engine/postgres/restore/inplace/plan-in-place.ts';
import { restoreInPlace } from '../../../src/engine/postgres/restore/inplace/restore-in-place.ts';
import { readRestoredFingerprint } from '../../../src/engine/postgres/fingerprint/restored-fingerprint.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { createEveryObjectRoles, loadEveryObject } from '../../harness/every-object.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { dumpDatabase, quietWork, readOutput } from './dumped-backup.ts';

let server: TestServer;
let state: TestDirectory;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '5', wal_level: 'logical' } });
  state = await makeTestDirectory('in-place');
  await createEveryObjectRoles(server);
  await server.psql('CREATE ROLE tenant LOGIN NOCREATEDB');
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

function contextFor(database: string, user = 'postgres'): RestoreContext {
  const address = parsePgUrl({ url: server.socketUrl(database), origin: 'a test', baseDir: '/', environment: {} });
  return {
    address: { ...address, user },
    label: database,
    clock: wallClock,
    random: () => 'abcd',
    stateDirectory: join(state.path),
    environment: server.toolEnvironment,
  };
}

const request = { destination: { kind: 'in-place' }, owners: true, privileges: true, jobs: null } as const;
const nothing = (): Promise<void> => Promise.resolve();

async function restore(source: BackupSource, database: string, user?: string): Promise<RestoredCopy> {
  const context = contextFor(database, user);
  const plan = await planInPlace(context, request, source, quietWork);
  expect(hasBlocking(plan.findings), JSON.stringify(plan.findings)).toBe(false);
  return restoreInPlace(context, plan, source, nothing, quietWork);
}

async function dump(database: string): Promise<string> {
  const args = ['--create', '--restrict-key=fixed'];
  return (await readOutput(server, 'pg_dump', args, database)).toString('utf8');
}

/** What a fingerprint of the whole database would say: tables as given, everything else read anew. */
async function everything(database: string, tables: Fingerprint['tables'] = []): Promise<Fingerprint> {
  const all = { kind: 'type', name: 'any', facts: '' };
  const wanted: Fingerprint = {
    ...{ version: 1, engine: 'postgres', mode: 'content', encoding: 'UTF8', tables, sequences: [] },
    ...{ largeObjects: { count: 0, bytes: 0, sum: '0' }, objects: [all] },
  };
  return readRestoredFingerprint(contextFor(database).address, wanted, quietWork);
}

describe('a database with every kind of object', () => {
  it('is after an in-place restore what stock pg_restore makes, whatever had become of it', {
    timeout: 180_000,
  }, async () => {
    await loadEveryObject(server, 'every', `TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`);
    await server.psql('SELECT lo_from_bytea(777, $$large$$)', 'every');
    const { source, bytes } = await dumpDatabase(server, 'every');
    await server.psql(
      `DROP TABLE sales.log CASCADE; DROP PUBLICATION everything; DROP EVENT TRIGGER watch_ddl; CREATE SCHEMA more;
       CREATE TABLE more.t (x sales.state); CREATE VIEW public.v AS SELECT * FROM more.t; SELECT lo_from_bytea(888, 'x');
       CREATE EXTENSION pg_trgm SCHEMA more; CREATE TYPE public.gone AS (a int); CREATE FUNCTION public.f(public.gone)
       RETURNS int LANGUAGE sql RETURN 1; CREATE AGGREGATE public.total(int) (SFUNC = int4pl, STYPE = int);
       CREATE OPERATOR public.=~~= (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int); REVOKE ALL ON SCHEMA public FROM PUBLIC;
       CREATE TEXT SEARCH CONFIGURATION public.c (COPY = simple); CREATE COLLATION public.plain (provider = libc, locale = 'C');
       COMMENT ON SCHEMA public IS 'mine'; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app_reader;
       ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO app_reader; ALTER DATABASE every SET work_mem = '1MB';
       ALTER DATABASE every RESET search_path; ALTER DATABASE every OWNER TO postgres; GRANT ALL ON DATABASE every TO app_owner`,
      'every',
    );
    {
      await using copy = await restore(source, 'every');
      expect(await copy.check(quietWork)).toEqual([]);
      await copy.analyze(quietWork);
      expect((await copy.adopt(quietWork)).keptAs).toBeNull();
      expect(copy.findings).toEqual([]);
    }
    const ours = await dump('every');
    await server.psql('ALTER DATABASE every RENAME TO ours');
    await restoreStock(bytes);
    expect(ours).toBe(await dump('every'));
    expect(compareFingerprints(await everything('every'), await everything('ours'), whole).differences).toEqual([]);
  });
});

const whole = { owners: true, privileges: true };

async function restoreStock(bytes: Buffer): Promise<void> {
  const path = join(state.path, 'stock.dump');
  await writeFile(path, bytes);
  await readOutput(server, 'pg_restore', ['--create', '--exit-on-error', '-d', 'postgres', path], 'postgres');
}

describe('an owner without CREATEDB', () => {
  beforeAll(async () => {
    await server.psql('CREATE DATABASE tenancy OWNER tenant');
    await server.psql('CREATE EXTENSION postgres_fdw', 'tenancy');
    await server.psql(
      `SET ROLE tenant; CREATE EXTENSION citext; CREATE SCHEMA app; CREATE TABLE app.t (id serial PRIMARY KEY, v public.citext);
       INSERT INTO app.t (v) SELECT md5(n::text) FROM generate_series(1, 1000) n; CREATE TABLE public.p (x int)`,
      'tenancy',
    );
  });

  it('restores, while extensions it could not create again stay', async () => {
    const { source } = await dumpDatabase(server, 'tenancy', {
      needs: { extensions: [{ name: 'postgres_fdw', version: '1.1' }] },
    });
    const before = await dump('tenancy');
    await server.psql('SET ROLE tenant; DROP SCHEMA app CASCADE; CREATE TABLE public.q (y int)', 'tenancy');
    {
      await using copy = await restore(source, 'tenancy', 'tenant');
      await copy.adopt(quietWork);
      expect(copy.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    }
    expect(await dump('tenancy')).toBe(before);
  });

  it('finds everything as it was when the copy is not adopted, and when a statement fails', async () => {
    const { source, bytes, artifact } = await dumpDatabase(server, 'tenancy', { format: 'plain' });
    await server.psql('SET ROLE tenant; INSERT INTO app.t (v) VALUES ($$since$$)', 'tenancy');
    const before = await dump('tenancy');
    {
      await using copy = await restore(source, 'tenancy', 'tenant');
      expect(await copy.query('SELECT count(*) FROM app.t', quietWork)).toEqual([['1000']]);
    }
    expect(await dump('tenancy')).toBe(before);
    for (const [tail, says] of [
      ['SELECT 1/0;\n', /SELECT 1\/0: division by zero/],
      ['ROLLBACK;\n', /cannot be undone: ROLLBACK/],
      ['/* */ COMMIT AND CHAIN;\n', /cannot be undone/],
      ['DO $$ BEGIN COMMIT; END $$;\n', /invalid transaction termination/],
      ['\\! touch /tmp/never\n', /command of psql/],
      ['CREATE TABLE public.half (x', /breaks off/],
    ] as const) {
      const broken = { ...source, open: () => once(Buffer.concat([bytes, Buffer.from(tail)])) };
      expect(artifact.role).toBe('sql');
      await expect(restore(broken, 'tenancy', 'tenant')).rejects.toMatchObject({
        code: 'restore-failed',
        message: expect.stringMatching(says) as unknown,
      });
      expect(await dump('tenancy')).toBe(before);
    }
  });

  it('is told beforehand what it may not do', async () => {
    const { source } = await dumpDatabase(server, 'tenancy', {
      needs: { extensions: ['postgres_fdw', 'citext', 'file_fdw'].map((name) => ({ name, version: '1' })) },
    });
    await server.psql(
      `CREATE SCHEMA other; CREATE TABLE public.alien (x int); ALTER SCHEMA public OWNER TO postgres; BEGIN; INSERT INTO p VALUES (1); PREPARE TRANSACTION 'held'`,
      'tenancy',
    );
    const plan = await planInPlace(contextFor('tenancy', 'tenant'), request, source, quietWork);
    expect(plan.findings).toContainEqual(
      expect.objectContaining({
        code: 'extension-may-be-refused',
        message: expect.stringMatching(/create file_fdw,/) as unknown,
      }),
    );
    const blocking = plan.findings.filter(({ severity }) => severity === 'blocking');
    expect(blocking.map(({ code }) => code).toSorted()).toEqual(['not-owner-of-objects', 'prepared-transactions']);
    expect(blocking.find(({ code }) => code === 'not-owner-of-objects')?.message).toMatch(
      /schema other of postgres, table public.alien of postgres/,
    );
    await server.psql(
      `ROLLBACK PREPARED 'held'; DROP TABLE alien; DROP SCHEMA other; ALTER SCHEMA public OWNER TO pg_database_owner`,
      'tenancy',
    );
  });

  it('locks writers out while a safety backup is taken, and ends sessions that stay in the way', async () => {
    const { source } = await dumpDatabase(server, 'tenancy');
    const context = contextFor('tenancy', 'tenant');
    const plan: RestorePlan = await planInPlace(context, request, source, quietWork);
    const idle = server.psql('SET ROLE tenant; BEGIN; INSERT INTO p VALUES (9); SELECT pg_sleep(60)', 'tenancy').then(
      () => 'slept',
      (error: unknown) => String(error),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const seen: string[] = [];
    const whenStill = async (): Promise<void> => {
      const write = `SET lock_timeout = '200ms'; INSERT INTO p VALUES (1)`;
      seen.push(await server.psql('SELECT count(*) FROM app.t', 'tenancy'));
      seen.push(await server.psql(write, 'tenancy').then(String, (error: unknown) => String(error)));
    };
    await using copy = await restoreInPlace(contextFor('tenancy'), plan, source, whenStill, quietWork);
    expect(seen[0]).toBe('1001');
    expect(seen[1]).toContain('canceling statement due to lock timeout');
    expect(await idle).toMatch(/terminating connection/);
    expect(copy.findings).toMatchObject([{ code: 'sessions-ended' }]);
  });

  it('drops nothing that was made since the safety backup was taken', async () => {
    const { source } = await dumpDatabase(server, 'tenancy');
    for (const [user, made, left] of [
      ['tenant', 'SET ROLE tenant; CREATE TABLE public.late AS SELECT 1 AS x', 'SELECT x FROM public.late'],
      ['tenant', 'SET ROLE tenant; CREATE TABLE app.late AS SELECT 2 AS x', 'SELECT x FROM app.late'],
      ['tenant', `SET ROLE tenant; SELECT lo_from_bytea(4711, '3') IS NULL`, `SELECT encode(lo_get(4711), 'escape')`],
    ] as const) {
      const context = contextFor('tenancy', user);
      const plan = await planInPlace(context, request, source, quietWork);
      const whenStill = async (): Promise<void> => {
        await server.psql(made, 'tenancy');
      };
      await expect(restoreInPlace(context, plan, source, whenStill, quietWork)).rejects.toMatchObject({
        code: 'in-place-changed',
      });
      expect(await server.psql(left, 'tenancy')).toMatch(/^[123]$/);
      await server.psql('DROP TABLE IF EXISTS public.late, app.late', 'tenancy');
    }
    await server.psql('SELECT lo_unlink(4711)', 'tenancy');
  });
});

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}
