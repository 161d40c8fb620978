/** Steps of a team's own, run by the real program around backups and restores: their order, their failures, their end. */

import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliResult } from '../harness/cli.ts';
import { expectFailure } from '../harness/failure.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { processesWith } from '../harness/processes.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const password = 'Planted-S3cret';
let server: TestServer;
let directory: TestDirectory;
const log = (): string => join(directory.path, 'log');
const env = (): Record<string, string> => ({
  ...server.toolEnvironment,
  APP_URL: server.url('app'),
  PLAIN: 'seen',
  SOME_TOKEN: 'tok-1234',
  HOLDFAST_TEST_RUN: directory.path,
});

beforeAll(async () => {
  server = await startPostgres({ password });
  directory = await makeTestDirectory('hooks');
  await server.createDatabase('app');
  await server.psql(
    `CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 40000) n;
     CREATE TABLE _prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz);
     INSERT INTO _prisma_migrations VALUES ('20260101_first', now(), null), ('20260202_second', now(), null),
       ('20260303_back', now(), now())`,
    'app',
  );
});
beforeEach(async () => {
  await rm(log(), { force: true });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** A step that writes down what it was told. */
const note = (point: string): string =>
  `${point}: [{sh: 'echo "$HOLDFAST_HOOK $HOLDFAST_OUTCOME \${HOLDFAST_BACKUP%%T*}" >> log'}]`;
const allPoints = [
  'beforeBackup',
  'afterBackup',
  'beforeRestore',
  'beforeSwap',
  'afterSwap',
  'afterRestore',
  'onFailure',
];

async function configure(hooks: readonly string[], own: readonly string[] = []): Promise<void> {
  const list = (lines: readonly string[], indent: string): string => lines.map((line) => `${indent}${line}\n`).join('');
  const ownHooks = own.length === 0 ? '' : `    hooks:\n${list(own, '      ')}`;
  const yaml = `hooks:\n${list(hooks, '  ')}databases:\n  app:\n    urlEnv: APP_URL\n${ownHooks}`;
  await writeFile(join(directory.path, 'holdfast.yaml'), yaml);
}

/** All points noted, these in another way. */
async function configureWith(others: Readonly<Record<string, string>>): Promise<void> {
  await configure(allPoints.map((point) => (others[point] === undefined ? note(point) : `${point}: ${others[point]}`)));
}

function holdfast(...args: readonly string[]): Promise<CliResult> {
  return runHoldfast(args, { cwd: directory.path, env: env() });
}

async function noted(): Promise<readonly string[]> {
  if (!existsSync(log())) return [];
  return (await readFile(log(), 'utf8')).trimEnd().split('\n');
}

test('a backup runs its steps, in order, with facts and without secrets', async () => {
  await configure([
    `beforeBackup: [[env], {run: [printenv, SOME_TOKEN], env: [SOME_TOKEN]}, {sh: 'echo $DATABASE_URL; echo err >&2', env: [DATABASE_URL]}]`,
    note('afterBackup'),
  ]);
  const result = await holdfast('backup');
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.stdout).toMatch(/\[INFO\] \[beforeBackup\] HOLDFAST_DATABASE=app/);
  expect(result.stdout).toContain('[beforeBackup] PLAIN=seen');
  expect(result.stdout).toContain('[beforeBackup] err');
  expect(result.stdout).toMatch(/\[beforeBackup\] …\n/);
  expect(result.stdout + result.stderr).not.toMatch(/tok-1234|Planted-S3cret|APP_URL=/);
  expect(await noted()).toEqual([expect.stringMatching(/^afterBackup done \d{8}$/)]);
});

test('a first step that fails stops a backup, and the last ones hear of it', async () => {
  await configureWith({ beforeBackup: `[{sh: 'echo no room here; exit 7'}]` });
  const before = (await holdfast('list', '--json')).json().length;
  const result = await holdfast('backup');
  expectFailure(result, { code: 1, says: /beforeBackup \(sh: .*\) ended with exit code 7: no room here/ });
  expect(await noted()).toEqual(['afterBackup failed ', 'onFailure failed']);
  expect((await holdfast('list', '--json')).json().length).toBe(before);
});

test('a last step that fails makes the run fail, and the backup is there', async () => {
  await configureWith({ afterBackup: `[[/no/such/program]]` });
  const result = await holdfast('backup');
  expectFailure(result, { code: 1, says: /afterBackup .*could not|afterBackup .*exit code|; the backup \S+ is there/ });
  expect((await noted()).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'beforeBackup running',
    'onFailure failed',
  ]);
});

test('a restore stops the application right before the swap, and starts it behind', async () => {
  await configureWith({ beforeSwap: `[{sh: 'echo beforeSwap >> log; sleep 0.1'}]` });
  const plan = await holdfast('restore', 'latest', '--dry-run');
  expect(plan.stdout).toMatch(/\d+\. run beforeSwap: sh: .*\n +\d+\. end the sessions connected to app/);
  expect(plan.stdout).toContain(
    'newest migration: 20260202_second (prisma), in the backup and in the present database',
  );
  expect(await noted()).toEqual([]);
  const result = await holdfast('restore', 'latest', '--yes', '--safety-backup');
  expect(result.code, result.stderr).toBe(0);
  expect((await noted()).map((line) => line.split(' ')[0])).toEqual([
    'beforeRestore',
    'beforeSwap',
    'afterSwap',
    'afterRestore',
  ]);
  expect((await noted()).at(-1)).toMatch(/^afterRestore done /);
  const safety = /the state before is the safety backup.* (\S+-dump-\S+);/.exec(result.stdout)?.[1] ?? '';
  expect((await holdfast('show', safety)).stdout).toMatch(/safety/);
  expect((await holdfast('restore', '--drop-replaced', '--yes')).code).toBe(0);
});

test('a failing beforeRestore does no harm, a failing beforeSwap starts the application again', async () => {
  await configureWith({ beforeSwap: `[{sh: 'echo stopped >> log; exit 1'}]` });
  await server.psql('CREATE TABLE made_since ()', 'app');
  expectFailure(await holdfast('restore', 'latest', '--yes'), { code: 1, says: /beforeSwap/ });
  expect((await noted()).map((line) => line.split(' ')[0])).toEqual([
    'beforeRestore',
    'stopped',
    'afterRestore',
    'onFailure',
  ]);
  expect(await server.psql(`SELECT to_regclass('made_since')`, 'app')).toBe('made_since');
  expect(await server.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'app_%'`)).toBe('0');
});

test('a failing step behind the swap fails the run and undoes nothing, unless asked', async () => {
  await configureWith({ afterSwap: `[{sh: 'echo migrate; exit 3'}]` });
  const result = await holdfast('restore', 'latest', '--yes');
  expectFailure(result, { code: 1, says: /afterSwap .*exit code 3: migrate; the restored database is in place/ });
  expect(result.stdout).toContain('app is back');
  expect((await noted()).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
    expect.arrayContaining(['afterRestore failed', 'onFailure failed']) as unknown,
  );
  expect(await server.psql(`SELECT to_regclass('made_since')`, 'app')).toBe('');
  expect((await holdfast('restore', '--undo', '--yes')).code).toBe(0);
  const undone = await holdfast('restore', 'latest', '--yes', '--undo-on-failure');
  expectFailure(undone, { code: 1, says: /was swapped back/ });
  expect(await server.psql(`SELECT to_regclass('made_since')`, 'app')).toBe('made_since');
});

test('a step that takes too long is ended with all it started', async () => {
  await configureWith({ beforeRestore: `[{sh: 'sleep 300 & trap "" TERM; sleep 300', timeout: 1s}]` });
  expectFailure(await holdfast('restore', 'latest', '--yes'), {
    code: 1,
    says: /took longer than 1.0 s and was ended/,
  });
  expect(await processesWith(`HOLDFAST_TEST_RUN=${directory.path}`)).toEqual([]);
});

test('Ctrl-C ends a step, and the application is started again', async () => {
  await configureWith({ beforeSwap: `[{sh: 'echo stopping; sleep 300'}]` });
  const run = startHoldfast(['restore', 'latest', '--yes'], { cwd: directory.path, env: env() });
  await run.saw(/\[beforeSwap\] stopping/);
  run.signal('SIGINT');
  expectFailure(await run.result, { code: 130, says: /stopped by SIGINT/ });
  expect(await noted()).toEqual([
    expect.stringMatching(/^beforeRestore/),
    expect.stringMatching(/^afterRestore interrupted/),
    expect.stringMatching(/^onFailure interrupted/),
  ]);
  expect(await processesWith(`HOLDFAST_TEST_RUN=${directory.path}`)).toEqual([]);
});

test('a service that a step starts goes on, and nobody waits for it', async () => {
  await configureWith({ afterRestore: `[{sh: 'sleep 30 & echo $! > service'}]` });
  const result = await holdfast('restore', 'latest', '--yes', '--in-place', '--no-safety-backup');
  expect(result.code, result.stderr).toBe(3);
  expect(result.elapsedMs).toBeLessThan(20_000);
  const pid = Number(await readFile(join(directory.path, 'service'), 'utf8'));
  process.kill(pid, 'SIGKILL');
});

test('the application stays stopped when no database is left to use', async () => {
  await configureWith({ beforeSwap: `[{sh: 'kill -9 $(head -1 "$PIDFILE"); sleep 1'}]`, beforeRestore: '[]' });
  const pidFile = join(server.dataDirectory, 'postmaster.pid');
  const result = await runHoldfast(['restore', 'latest', '--yes'], {
    cwd: directory.path,
    env: { ...env(), PIDFILE: pidFile },
  });
  await server.kill9();
  await server.start();
  expect(result.code).toBe(16);
  expect(result.stderr).toContain('afterRestore was not run: there is no usable database');
  expect((await noted()).map((line) => line.split(' ')[0])).toEqual(['onFailure']);
  const copy = await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'app!_restoring%' ESCAPE '!'`);
  await server.psql(`DROP DATABASE ${copy}`);
});

test('steps of the database itself stand in the place of the general ones, and can be left out', async () => {
  await configure([note('beforeBackup'), note('afterBackup')], ['beforeBackup: []']);
  const result = await holdfast('backup', 'app');
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect((await noted()).map((line) => line.split(' ')[0])).toEqual(['afterBackup']);
  await rm(log());
  expect((await holdfast('backup', '--no-hooks')).code).toBe(0);
  expect(await noted()).toEqual([]);
  expect((await holdfast('backup', '--dry-run')).stdout).toContain('run afterBackup: sh: echo');
});

test('what cannot be a step is refused with line and column', async () => {
  await configure([`beforeBackup: ['docker stop app']`]);
  expectFailure(await holdfast('backup'), { code: 2, says: /holdfast\.yaml:2:\d+: hooks\.beforeBackup/ });
  await configure([`beforeSwop: []`]);
  const result = await holdfast('backup');
  expectFailure(result, { code: 2, says: /unknown setting hooks\.beforeSwop/ });
  expect(result.stderr).toContain('Did you mean beforeSwap?');
});
