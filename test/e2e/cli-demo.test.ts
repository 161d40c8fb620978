/** The demonstration, as a person meets it: it works, in time, and nothing is left. */

import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliOptions } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

let directory: TestDirectory;
let temporary: TestDirectory;
let server: TestServer;
let options: CliOptions;

beforeAll(async () => {
  directory = await makeTestDirectory('demo');
  server = await startPostgres();
  // A server of the demonstration runs as another user: its folder must be one that user can enter.
  temporary = { path: tmpdir(), [Symbol.asyncDispose]: () => Promise.resolve() };
  options = {
    cwd: directory.path,
    env: { ...server.toolEnvironment, DATABASE_URL: 'postgres://nobody@nowhere.invalid/no' },
  };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function leftOvers(pid: number): Promise<readonly string[]> {
  const names = await readdir(temporary.path);
  return names.filter((name) => name.includes(`-${String(pid)}-`));
}

test('it ignores an inherited address, shows everything in under 90 seconds and leaves nothing', async () => {
  const run = startHoldfast(['demo'], options);
  const result = await run.result;
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.elapsedMs).toBeLessThan(90_000);
  expect(result.stdout).toMatch(/✓ backed up shop /);
  expect(result.stdout).toMatch(/✓ proven: shop .*\n.*\n *compared 19 tables, [\d,]+ rows, .*: all equal/);
  expect(result.stdout).toContain('30,000 orders are gone');
  expect(result.stdout).toMatch(/30,000 orders, [\d.]+ in all: as before the accident\./);
  expect(result.stdout).toContain('40,000 notes: as before.');
  expect(await leftOvers(run.pid)).toEqual([]);
  expect(await readdir(directory.path)).toEqual([]);
});

test('with --url it makes a database of its own there and drops it', async () => {
  const result = await runHoldfast(['demo', '--json', '--url', 'env:SERVER'], {
    ...options,
    env: { ...options.env, SERVER: server.url() },
  });
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.json().at(-1)).toMatchObject({ type: 'result', command: 'demo', exit: 0 });
  expect(await server.psql(`SELECT count(*) FROM pg_database WHERE datname NOT LIKE 'template%'`)).toBe('1');
});

test('Ctrl-C in the middle leaves nothing either', async () => {
  const run = startHoldfast(['demo'], options);
  await run.saw(/Back it up/);
  run.signal('SIGINT');
  const result = await run.result;
  expect(result.code).toBe(130);
  await sleep(500);
  expect(await leftOvers(run.pid)).toEqual([]);
});
