import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Work } from '../../../src/domain/work.ts';
import type { RestoreContext } from '../../../src/engine/postgres/restore/context.ts';
import type { RestorePlan } from '../../../src/engine/engine.ts';
import { parsePgUrl } from '../../../src/engine/postgres/connection/address.ts';
import { findLeftovers, dropKept, listKept, undoRestore } from '../../../src/engine/postgres/restore/kept.ts';
import { restoreBeside } from '../../../src/engine/postgres/restore/restore-beside.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { createEveryObjectRoles, loadEveryObject } from '../../harness/every-object.ts';
import { distributionMajor, testedMajors } from '../../harness/server-binaries.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { dumpDatabase, quietWork, readOutput, sourceOf } from './dumped-backup.ts';

const odd = 'Odd "name" = 50% dbname=x';
const [major = distributionMajor()] = testedMajors();
let server: TestServer;
let state: TestDirectory;

beforeAll(async () => {
  server = await startPostgres({ major, settings: { max_prepared_transactions: '5', wal_level: 'logical' } });
  state = await makeTestDirectory('restore-state');
  await createEveryObjectRoles(server);
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

describe('restoring beside and swapping', () => {
  it('makes the very database that stock pg_restore --create makes, with every kind of object', {
    timeout: 180_000,
  }, async () => {
    await loadEveryObject(server, odd);
    const { source, bytes } = await dumpDatabase(server, odd);
    await using copy = await restoreBeside(contextFor(odd), planFor(odd), source, quietWork);
    const adoption = await copy.adopt(quietWork);
    expect(adoption.keptAs).toBe('Odd "name" = 50% dbname=x_before_20261121_020000');
    const ours = await createDump(odd);
    await server.psql(`ALTER DATABASE "${odd.replaceAll('"', '""')}" RENAME TO ours`);
    await restoreStock(bytes);
    expect(ours).toBe(await createDump(odd));
  });

  it('brings the old state back with undo, and the new one again', async () => {
    await server.psql('CREATE DATABASE u');
    await server.psql('CREATE TABLE t (x int); INSERT INTO t VALUES (1)', 'u');
    const { source } = await dumpDatabase(server, 'u');
    await server.psql('INSERT INTO t VALUES (2)', 'u');
    await using copy = await restoreBeside(contextFor('u'), planFor('u'), source, quietWork);
    await copy.adopt(quietWork);
    expect(await server.psql('SELECT count(*) FROM t', 'u')).toBe('1');
    const [kept] = await listKept(contextFor('u'), quietWork);
    expect(kept?.name).toBe('u_before_20261121_020000');
    await undoRestore(contextFor('u'), quietWork);
    expect(await server.psql('SELECT count(*) FROM t', 'u')).toBe('2');
    await undoRestore(contextFor('u'), quietWork);
    expect(await server.psql('SELECT count(*) FROM t', 'u')).toBe('1');
    for (const { name } of await listKept(contextFor('u'), quietWork)) await dropKept(contextFor('u'), name);
    expect(await listKept(contextFor('u'), quietWork)).toEqual([]);
  });

  it('leaves rows that neither an index build nor the first vacuum has to touch again', async () => {
    await server.psql('CREATE DATABASE frozen');
    await server.psql(
      `CREATE TABLE t (x int PRIMARY KEY, y text); INSERT INTO t SELECT n, repeat('y', 50) FROM generate_series(1, 5000) n;
       CREATE TABLE p (x int) PARTITION BY RANGE (x); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9000);
       INSERT INTO p SELECT n FROM generate_series(1, 3000) n;
       CREATE TABLE parent (x int); CREATE TABLE child () INHERITS (parent); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)`,
      'frozen',
    );
    const { source } = await dumpDatabase(server, 'frozen');
    await using copy = await restoreBeside(contextFor('frozen'), planFor('frozen'), source, quietWork);
    await copy.adopt(quietWork);
    await server.psql('CREATE EXTENSION pg_visibility', 'frozen');
    const pages = await server.psql(
      `SELECT string_agg(t || ' ' || (all_frozen = pg_relation_size(t) / 8192 AND all_frozen > 0), ', ' ORDER BY t::text)
       FROM unnest('{t,p1,parent,child}'::regclass[]) t, pg_visibility_map_summary(t)`,
      'frozen',
    );
    expect(pages).toBe('child true, p1 true, parent true, t true');
    expect(await server.psql('SELECT count(*), sum(x) FROM parent', 'frozen')).toBe('2|3');
  });

  it('swaps while other sessions are connected and connect again, each refused at most once', async () => {
    await server.psql('CREATE DATABASE busy');
    await server.psql('CREATE TABLE t (x int); INSERT INTO t VALUES (1)', 'busy');
    const { source } = await dumpDatabase(server, 'busy');
    await using copy = await restoreBeside(contextFor('busy'), planFor('busy'), source, quietWork);
    const clients = await Promise.all([startClient('busy'), startClient('busy'), startClient('busy')]);
    const adoption = await copy.adopt(quietWork);
    const refusals = await Promise.all(clients.map((client) => client.stop()));
    expect(Math.max(...refusals)).toBeLessThanOrEqual(2);
    expect(refusals.every((count) => count >= 1)).toBe(true);
    expect(adoption.findings.map(({ code }) => code)).toEqual(['sessions-ended']);
    expect(await server.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'busy%'`)).toBe('2');
  });

  it('refuses to swap what cannot be carried, and leaves the present database in place', async () => {
    await server.psql('CREATE DATABASE tied');
    await server.psql('CREATE TABLE t (x int)', 'tied');
    const { source } = await dumpDatabase(server, 'tied');
    await server.psql(`BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'later'`, 'tied');
    await using copy = await restoreBeside(contextFor('tied'), planFor('tied'), source, quietWork);
    await expect(copy.adopt(quietWork)).rejects.toMatchObject({ code: 'target-unfit' });
    await server.psql(`ROLLBACK PREPARED 'later'`, 'tied');
    await server.psql(`SELECT pg_create_logical_replication_slot('tied_slot', 'test_decoding')`, 'tied');
    await expect(copy.adopt(quietWork)).rejects.toMatchObject({
      message: expect.stringContaining('tied_slot') as string,
    });
    await server.psql(`SELECT pg_drop_replication_slot('tied_slot')`);
    await server.psql(
      `CREATE SUBSCRIPTION tied_sub CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
      'tied',
    );
    await expect(copy.adopt(quietWork)).rejects.toMatchObject({
      message: expect.stringContaining('tied_sub') as string,
    });
    await copy[Symbol.asyncDispose]();
    expect(await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'tied%'`)).toBe('tied');
    await server.psql('DROP SUBSCRIPTION tied_sub', 'tied');
  });

  it('removes its copy and touches nothing else when a statement fails', async () => {
    await server.psql('CREATE DATABASE bad');
    await server.psql('CREATE TABLE t (x int CHECK (x > 0)); INSERT INTO t VALUES (777)', 'bad');
    const { source, bytes } = await dumpDatabase(server, 'bad');
    const broken = Buffer.from(bytes);
    broken.write('-77', bytes.lastIndexOf('777'));
    const attempt = restoreBeside(contextFor('bad'), planFor('bad'), sourceOf(source.manifest, broken), quietWork);
    await expect(attempt).rejects.toMatchObject({
      code: 'restore-failed',
      message: expect.stringContaining('t_x_check') as string,
    });
    const cut = restoreBeside(
      contextFor('bad'),
      planFor('bad'),
      sourceOf(source.manifest, bytes.subarray(0, -40)),
      quietWork,
    );
    await expect(cut).rejects.toMatchObject({ code: 'damaged-archive' });
    expect(await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'bad%'`)).toBe('bad');
    expect(await readdir(state.path)).toEqual([]);
  });

  it('removes its copy when it is interrupted', async () => {
    await server.psql('CREATE DATABASE slow');
    await server.psql('CREATE TABLE t AS SELECT g, repeat(md5(g::text), 30) FROM generate_series(1, 60000) g', 'slow');
    const { source } = await dumpDatabase(server, 'slow');
    const controller = new AbortController();
    const work: Work = {
      signal: controller.signal,
      report: (event) => {
        if (event.kind === 'step' && event.text.startsWith('loading'))
          setTimeout(() => {
            controller.abort(new Error('stop'));
          }, 50);
      },
    };
    await expect(restoreBeside(contextFor('slow'), planFor('slow'), source, work)).rejects.toThrow('stop');
    expect(await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'slow%'`)).toBe('slow');
    // A backend needs a moment to notice that its client is gone.
    const ours = `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'`;
    await expect.poll(() => server.psql(ours), { timeout: 5000 }).toBe('0');
  });

  it('names what a killed run left, and not the copy of a living one', async () => {
    await server.psql('CREATE DATABASE lone');
    await server.psql('CREATE DATABASE lone_restoring_dead');
    const { source } = await dumpDatabase(server, 'lone');
    await using copy = await restoreBeside(contextFor('lone'), planFor('lone'), source, quietWork);
    const findings = await findLeftovers(contextFor('lone'), quietWork);
    expect(findings.map(({ hint }) => hint)).toEqual(['Remove it: DROP DATABASE "lone_restoring_dead";']);
    expect(copy.name).toMatch(/^lone_restoring_/);
  });

  it('restores a backup that is only SQL, with the present database as the model', async () => {
    await server.psql('CREATE DATABASE script OWNER app_owner');
    await server.psql('ALTER DATABASE script CONNECTION LIMIT 9');
    await server.psql(`CREATE TABLE t (x text); INSERT INTO t VALUES ('a;\\b')`, 'script');
    const { source } = await dumpDatabase(server, 'script', { format: 'plain' });
    const before = await createDump('script');
    await using copy = await restoreBeside(contextFor('script'), planFor('script'), source, quietWork);
    await copy.adopt(quietWork);
    expect(await createDump('script')).toBe(before);
  });

  it('lets a person ask the copy, one statement, without changing it', async () => {
    await server.psql('CREATE DATABASE asked');
    await server.psql(`CREATE TABLE t (x int); INSERT INTO t VALUES (1), (NULL)`, 'asked');
    const { source } = await dumpDatabase(server, 'asked');
    await using copy = await restoreBeside(contextFor('asked'), planFor('asked'), source, quietWork);
    expect(await copy.query('SELECT x, true FROM t ORDER BY 1', quietWork)).toEqual([
      ['1', 't'],
      [null, 't'],
    ]);
    await expect(copy.query('INSERT INTO t VALUES (2)', quietWork)).rejects.toThrow('read-only');
    await expect(copy.query('SELECT 1; SELECT 2', quietWork)).rejects.toThrow('multiple commands');
    expect(await copy.check(quietWork)).toEqual([]);
    await copy.analyze(quietWork);
  });
});

function contextFor(database: string): RestoreContext {
  const url = server.socketUrl(database);
  return {
    address: parsePgUrl({ url, origin: '--url', baseDir: '/', environment: {} }),
    label: url,
    clock: wallClock,
    random: () => Math.random().toString(36).slice(2, 8).replace('.', 'x'),
    stateDirectory: state.path,
    environment: server.toolEnvironment,
  };
}

function planFor(database: string): RestorePlan {
  return {
    request: { destination: { kind: 'replace' }, owners: true, privileges: true, jobs: null },
    finalName: database,
    keptAs: `${database}_before_20261121_020000`,
    steps: [],
    findings: [],
    plainBytes: 0,
  };
}

async function createDump(database: string): Promise<string> {
  const text = await readOutput(server, 'pg_dump', ['--create'], database);
  return text.toString('utf8').replaceAll(/^\\(un)?restrict .*$/gm, '');
}

async function restoreStock(bytes: Buffer): Promise<void> {
  const child = spawn(join(server.binDirectory, 'pg_restore'), ['--create', '--exit-on-error', '-d', 'postgres'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PGHOST: server.socketDirectory,
      PGPORT: String(server.port),
      PGUSER: 'postgres',
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(bytes);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  expect(code).toBe(0);
}

/** A client that asks all the time and connects again at once when it is thrown out; counts how often that was. */
async function startClient(database: string): Promise<{ readonly stop: () => Promise<number> }> {
  const state = { over: false, refused: 0 };
  const first = await connect(database);
  const running = (async () => {
    let client: pg.Client | null = first;
    while (!state.over) {
      try {
        client ??= await connect(database);
        await client.query('SELECT count(*) FROM t');
        await new Promise((resolve) => setTimeout(resolve, 5));
      } catch {
        state.refused += 1;
        await client?.end().catch(() => undefined);
        client = null;
      }
    }
    await client?.end();
  })();
  return {
    stop: async () => {
      state.over = true;
      await running;
      return state.refused;
    },
  };
}

async function connect(database: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url(database) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
