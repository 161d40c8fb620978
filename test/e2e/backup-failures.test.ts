/** Every way a backup can fail: an exit code, one clear line, a hint, and nothing that existed is harmed. */

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { bytesBelow, loadNoise, waitForBytes } from '../harness/fill.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const password = 'p@:/?#%\'" $w';
let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;
let repository: string;

beforeAll(async () => {
  server = await startPostgres({ password });
  directory = await makeTestDirectory('fail');
  await loadNoise(server, 'app', 128);
  repository = join(directory.path, 'backups');
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.url('app') } };
  const first = await runHoldfast(['backup', '--label', 'before'], options);
  expect(first.code, first.stderr).toBe(0);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** One line that says what failed, a hint, no stack, no password; the earlier backup alone is listed, and is whole. */
async function expectCleanFailure(result: CliResult, says: RegExp, code = 1): Promise<void> {
  const said = result.stdout + result.stderr;
  expect(result.code, said).toBe(code);
  expect(result.stderr).toMatch(/^error: /m);
  expect(result.stderr).toMatch(/^ *hint: \S/m);
  expect(said).toMatch(says);
  expect(said).not.toMatch(/\n\s+at /);
  expect(said).not.toContain(password);
  expect(said).not.toContain(encodeURIComponent(password));
  const list = await runHoldfast(['list', '--json'], options);
  expect(
    list.json().filter((line) => line['type'] === 'backup'),
    list.stdout,
  ).toHaveLength(1);
  expect(await runHoldfast(['verify', 'latest'], options)).toMatchObject({ code: 0 });
  const left = await readdir(join(repository, 'app/backups'));
  expect(left).toHaveLength(1);
}

async function nothingOpen(): Promise<void> {
  const sessions = await server.psql(
    `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  expect(sessions).toBe('0');
}

async function interrupted(act: () => Promise<void>): Promise<CliResult> {
  const run = startHoldfast(['backup'], options);
  await waitForBytes(repository, (await bytesBelow(repository)) + (1 << 20));
  await act();
  return await run.result;
}

test('the connection of the dump is terminated in the middle', async () => {
  const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY public.noise%'`;
  const result = await interrupted(async () => {
    expect(await server.psql(terminate)).toBe('t');
  });
  await expectCleanFailure(result, /terminat|closed|gone/i, 16);
  await nothingOpen();
});

test('the connection that holds the snapshot is terminated in the middle', async () => {
  const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'holdfast %' AND datname = 'app'`;
  const result = await interrupted(async () => {
    expect(await server.psql(terminate)).toContain('t');
  });
  await expectCleanFailure(result, /terminat|closed|gone/i, 16);
  await nothingOpen();
});

test('pg_dump is killed', async () => {
  const result = await interrupted(async () => {
    const pids = await childrenNamed('pg_dump');
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  });
  await expectCleanFailure(result, /pg_dump/);
  await nothingOpen();
});

test('the server is killed', async () => {
  const result = await interrupted(() => server.kill9());
  await server.start();
  await expectCleanFailure(result, /clos|gone|lost|server/i, 16);
});

test('Ctrl-C ends with 130 and leaves no child, no session and nothing listed', async () => {
  const run = startHoldfast(['backup'], options);
  await waitForBytes(repository, (await bytesBelow(repository)) + (1 << 20));
  run.signal('SIGINT');
  await expectCleanFailure(await run.result, /stopped by SIGINT/, 130);
  expect(await childrenNamed('pg_dump')).toEqual([]);
  await nothingOpen();
});

test('the disk is full', async () => {
  const full = join(directory.path, 'full');
  await mkdir(full, { recursive: true });
  const result = await runHoldfast(['backup', '--repository', join(full, 'repository')], {
    ...options,
    mounts: [{ path: full, options: 'size=6m' }],
  });
  await expectCleanFailure(result, /space|room|full/i);
  await nothingOpen();
});

test('the target directory is read-only', async () => {
  const fixed = join(directory.path, 'fixed');
  await mkdir(fixed, { recursive: true });
  const result = await runHoldfast(['backup', '--repository', join(fixed, 'repository')], {
    ...options,
    mounts: [{ path: fixed, options: 'size=200m,ro' }],
  });
  await expectCleanFailure(result, /read-only/i);
});

test('the password is wrong', async () => {
  const env = {
    ...server.toolEnvironment,
    DATABASE_URL: server.url('app').replace(encodeURIComponent(password), 'wrong'),
  };
  await expectCleanFailure(await runHoldfast(['backup'], { ...options, env }), /password/i, 16);
});

test('the database is unknown', async () => {
  const env = { ...server.toolEnvironment, DATABASE_URL: server.url('no_such_database') };
  await expectCleanFailure(await runHoldfast(['backup'], { ...options, env }), /no_such_database/, 16);
});

test('two runs for one database are kept apart with exit code 11', async () => {
  const first = startHoldfast(['backup', '--repository', join(directory.path, 'elsewhere')], options);
  await waitForBytes(join(directory.path, 'elsewhere'), 1 << 20);
  await expectCleanFailure(await runHoldfast(['backup'], options), /another|lock|running/i, 11);
  expect(await first.result).toMatchObject({ code: 0 });
});

/** Process ids of programs with this name that belong to this machine's test server. */
async function childrenNamed(name: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const comm = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return comm.trim() === name && environment.includes(`PGPORT=${server.port}`) ? Number(pid) : null;
    }),
  );
  return found.filter((pid) => pid !== null);
}
