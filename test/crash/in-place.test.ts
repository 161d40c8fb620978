/**
 * An in-place restore is killed at random moments: our process (SIGKILL), and the server's process that works for it. Each
 * time the database is whole: what it was before, or what the backup holds, and never anything between.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliOptions, type CliRun } from '../harness/cli.ts';
import { randomMoments, seed } from '../harness/moments.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { libpqVariables } from '../harness/psql.ts';
import { waitForNone } from '../harness/processes.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

/** Of each kind; `npm run test:full` asks for more. */
const moments = Number(process.env['HOLDFAST_TEST_MOMENTS'] ?? 4);

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;
let lengthMs: number;
const states = { old: '', restored: '' };

const load = `
  CREATE SCHEMA app; CREATE TYPE app.state AS ENUM ('new', 'done');
  CREATE TABLE app.customers (id serial PRIMARY KEY, name text NOT NULL, state app.state DEFAULT 'new');
  CREATE TABLE app.orders (id serial PRIMARY KEY, customer int REFERENCES app.customers, note text);
  CREATE TABLE public.loose (x int);
  INSERT INTO app.customers (name) SELECT md5(n::text) FROM generate_series(1, 20000) n;
  INSERT INTO app.orders (customer, note) SELECT n, repeat(md5(n::text), 8) FROM generate_series(1, 20000) n;
  CREATE INDEX orders_note ON app.orders (note);
  CREATE VIEW public.open_orders AS SELECT o.id FROM app.orders o JOIN app.customers c ON c.id = o.customer;
  SELECT lo_from_bytea(4711, 'large');`;
const change = `
  DELETE FROM app.orders WHERE id % 3 = 0; DROP VIEW public.open_orders; CREATE TABLE public.made_since (y int);
  INSERT INTO public.made_since VALUES (1); ALTER TABLE app.customers ADD COLUMN added int DEFAULT 7; SELECT lo_unlink(4711);`;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('inplace');
  await server.psql('CREATE ROLE tenant LOGIN; CREATE DATABASE app OWNER tenant');
  await asTenant(load);
  const env = {
    ...server.toolEnvironment,
    DATABASE_URL: server.socketUrl('app').replace('postgres@', 'tenant@'),
    HOLDFAST_TEST_RUN: directory.path,
  };
  options = { cwd: directory.path, env };
  const backup = await runHoldfast(['backup'], options);
  expect([0, 3], backup.stderr).toContain(backup.code);
  states.restored = await state();
  await asTenant(change);
  states.old = await state();
  const whole = await runHoldfast(command(0), options);
  expect([0, 3], whole.stdout + whole.stderr).toContain(whole.code);
  expect(await state()).toBe(states.restored);
  lengthMs = whole.elapsedMs;
  await asTenant(change);
  expect(await state()).toBe(states.old);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** Every second one without the safety backup, so that more moments fall into the transaction. */
function command(turn: number): readonly string[] {
  return ['restore', 'latest', '--in-place', '--yes', ...(turn % 2 === 0 ? [] : ['--no-safety-backup'])];
}

async function asTenant(sql: string): Promise<void> {
  await server.psql(`SET ROLE tenant; ${sql}`, 'app');
}

/** All there is, rows and large objects too, as stock pg_dump writes it. */
async function state(): Promise<string> {
  const { stdout } = await promisify(execFile)(join(server.binDirectory, 'pg_dump'), ['--restrict-key=fixed'], {
    env: libpqVariables(server, 'app'),
    maxBuffer: 1 << 28,
  });
  return stdout;
}

/** Which of the two it is; afterwards it is the old one again. */
async function settle(): Promise<'old' | 'restored'> {
  expect(await waitForNone(`HOLDFAST_TEST_RUN=${directory.path}`, 10_000), 'programs that live on').toEqual([]);
  const ours = `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'`;
  for (let attempt = 0; attempt < 200 && (await server.psql(ours)) !== '0'; attempt += 1) await sleep(50);
  const present = await state();
  if (present === states.old) return 'old';
  expect(present === states.restored, 'the database is neither what it was nor what the backup holds').toBe(true);
  await asTenant(change);
  expect(await state()).toBe(states.old);
  return 'restored';
}

async function interruptAt(
  ms: number,
  turn: number,
  interrupt: (run: CliRun) => Promise<void>,
): Promise<'old' | 'restored'> {
  const run = startHoldfast(command(turn), options);
  await Promise.race([sleep(ms), run.result]);
  await interrupt(run);
  const { code, signal, stderr } = await run.result;
  if (signal === null) expect([0, 1, 3, 16], stderr).toContain(code);
  expect(stderr).not.toMatch(/unexpected:/);
  return settle();
}

test(`kill -9 of our process leaves the old database, or the restored one (seed ${seed})`, async () => {
  const found = { old: 0, restored: 0 };
  for (const [turn, ms] of randomMoments(moments, lengthMs, 4).entries()) {
    found[
      await interruptAt(ms, turn, async (run) => {
        run.signal('SIGKILL');
        await Promise.resolve();
      })
    ] += 1;
  }
  expect(found.old + found.restored).toBe(moments);
  expect(found.old).toBeGreaterThan(0);
});

test(`an end of the server's process, asked or by kill -9, leaves the old database, or the restored one (seed ${seed})`, async () => {
  const found = { old: 0, restored: 0 };
  for (const [turn, ms] of randomMoments(moments, lengthMs, 5).entries()) {
    found[await interruptAt(ms, turn, () => endBackend(turn % 4 === 3 ? 'kill' : 'terminate'))] += 1;
  }
  expect(found.old + found.restored).toBe(moments);
});

test('at the very commit: the transaction is open, everything is loaded, and the process dies', async () => {
  const run = startHoldfast(command(1), options);
  await run.saw(/putting it in place/);
  run.signal('SIGKILL');
  await run.result;
  expect(['old', 'restored']).toContain(await settle());
});

async function endBackend(how: 'terminate' | 'kill'): Promise<void> {
  const who = `application_name = 'holdfast restore' AND datname = 'app'`;
  if (how === 'terminate') {
    await server.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${who}`);
    return;
  }
  const pid = await server.psql(`SELECT pid FROM pg_stat_activity WHERE ${who} LIMIT 1`);
  if (pid === '') return;
  // The server ends all its other processes then, and recovers from its log.
  process.kill(Number(pid), 'SIGKILL');
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const isUp = await server.psql('SELECT 1').catch(() => '');
    if (isUp === '1') return;
    await sleep(50);
  }
}
