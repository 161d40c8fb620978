/** One database all the way round, by the commands people type: text for people, the same facts as JSON lines. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const run = promisify(execFile);

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('round');
  await server.createDatabase('My Shop');
  await server.psql(
    `CREATE TABLE orders (id int PRIMARY KEY, note text);
     INSERT INTO orders SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 5000) AS i;
     CREATE TABLE customers (id int PRIMARY KEY, joined timestamptz DEFAULT now());
     INSERT INTO customers SELECT i FROM generate_series(1, 100) AS i;`,
    'My Shop',
  );
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.url('My Shop') } };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function holdfast(...args: readonly string[]): Promise<CliResult> {
  return runHoldfast(args, options);
}

/** Runs with --json; every line has a type, and the last one is the result. */
async function facts(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const result = await holdfast(...args, '--json');
  const lines = result.json();
  expect(result.stderr).toBe('');
  for (const line of lines) expect(line['type']).toBeTypeOf('string');
  const last = lines.at(-1) ?? {};
  expect(last['type'], result.stdout).toBe('result');
  expect(last['exit']).toBe(result.code);
  return last;
}

test('a first backup needs nothing but DATABASE_URL, and says what it did', async () => {
  const result = await holdfast('backup');
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toMatch(
    /^\[INFO\] my-shop {2}postgres:\/\/postgres@127\.0\.0\.1:\d+\/My%20Shop {2}\(DATABASE_URL in the environment\)$/m,
  );
  expect(result.stdout).toMatch(/^\[INFO\] repository {2}\.\/backups {2}\(default\)$/m);
  expect(result.stdout).toMatch(/^✓ backed up my-shop in /m);
  expect(result.stdout).toContain('whole, 2 tables, 5,100 rows');
  expect(result.stdout).not.toContain('\u001B');
});

test('list, show and status know it', async () => {
  const list = await holdfast('list');
  expect(list.stdout).toMatch(/^my-shop +\d{8}T\d{6}Z-dump-\w{4} .* whole .* stored$/m);
  expect(await facts('show')).toMatchObject({ database: 'my-shop', state: 'stored', owners: true });
  expect(await facts('list')).toMatchObject({ count: 1, total: 1 });
  const status = await holdfast('status', 'my-shop');
  expect(status.stdout).toMatch(/^my-shop +\d{8}T\d{6}Z-dump-\w{4} +just now /m);
});

test('verify and drill raise its state', async () => {
  expect(await facts('verify')).toMatchObject({ backups: [{ outcome: 'verified' }] });
  const drill = await holdfast('drill', 'my-shop', 'latest');
  expect(drill.code, drill.stderr).toBe(0);
  expect(drill.stdout).toMatch(/^✓ proven: my-shop /m);
  expect(drill.stdout).toMatch(/compared 2 tables, 5,100 rows, .*: all equal$/m);
  expect(await facts('show', 'latest')).toMatchObject({ state: 'proven' });
});

test('restore brings back what was lost, keeps what it replaced, and can be undone', async () => {
  await server.psql('DELETE FROM orders WHERE id > 10', 'My Shop');
  const plan = await holdfast('restore', 'latest', '--dry-run');
  expect(plan.code, plan.stderr).toBe(0);
  expect(plan.stdout).toMatch(/^Plan: restore my-shop /m);
  expect(plan.stdout).toContain('nothing was changed');
  expect(await server.psql('SELECT count(*) FROM orders', 'My Shop')).toBe('10');

  const restored = await facts('restore', 'latest', '--yes');
  expect(restored).toMatchObject({ outcome: 'restored', name: 'My Shop' });
  expect(await server.psql('SELECT count(*) FROM orders', 'My Shop')).toBe('5000');

  expect(await facts('restore', '--undo', '--yes')).toMatchObject({ undone: true, name: 'My Shop' });
  expect(await server.psql('SELECT count(*) FROM orders', 'My Shop')).toBe('10');
  expect(await facts('restore', '--undo', '--yes')).toMatchObject({ undone: true });
  expect(await server.psql('SELECT count(*) FROM orders', 'My Shop')).toBe('5000');

  const dropped = await facts('restore', '--drop-replaced', '--yes');
  expect(dropped['dropped']).toHaveLength(1);
  expect(await server.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'My Shop%'`)).toBe('1');
  const nothing = await holdfast('restore', '--undo', '--yes');
  expect(nothing.code).toBe(13);
});

test('restore --into and --to need no question: nothing is replaced', async () => {
  const into = await holdfast('restore', 'latest', '--into', 'then');
  expect(into.code, into.stderr).toBe(0);
  expect(await server.psql('SELECT count(*) FROM orders', 'then')).toBe('5000');
  expect((await holdfast('restore', 'latest', '--into', 'then')).code).not.toBe(0);
});

test('extract writes what other programs read', async () => {
  const file = join(directory.path, 'shop.sql');
  expect(await facts('extract', 'latest', 'shop.sql')).toMatchObject({ path: file, format: 'sql' });
  const { stdout } = await run('grep', ['-c', '^COPY public', file]);
  expect(stdout.trim()).toBe('2');
  expect((await holdfast('extract', 'latest', 'shop.sql')).code).toBe(1);
  const streamed = await holdfast('extract', 'latest', '-', '--format', 'sql');
  expect(streamed.code).toBe(0);
  expect(streamed.stdout).toMatch(/^--\n-- PostgreSQL database dump\n/);
  expect(streamed.stderr).toMatch(/✓ extracted /);
});

test('several formats come from one backup', async () => {
  const result = await facts('backup', '--format', 'custom,sql.gz', '--label', 'pre-deploy');
  expect(result['label']).toBe('pre-deploy');
  expect(result['artifacts']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ role: 'archive' }),
      expect.objectContaining({ role: 'sql', compression: 'gzip' }),
    ]),
  );
});

test('a partial backup says so and is never latest', async () => {
  const partial = await facts('backup', '--table', 'orders');
  expect(partial['scope']).toMatchObject({ kind: 'tables', tables: ['orders'] });
  expect(await facts('show', 'latest')).not.toMatchObject({ id: partial['id'] });
  const refused = await holdfast('restore', String(partial['id']), '--yes');
  expect(refused.code).toBe(2);
});
