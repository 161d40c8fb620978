/** Where the program learns which database is meant: environment, files, flags, and what happens when they disagree. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const password = `@:/?#%'" $`;
let server: TestServer;
let directory: TestDirectory;

beforeAll(async () => {
  server = await startPostgres({ password });
  await server.createDatabase('app');
  await server.psql(`CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 60000) AS i`, 'app');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  directory = await makeTestDirectory('settings');
});

afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

async function holdfast(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runHoldfast(args, { cwd: directory.path, env: { ...server.toolEnvironment, ...env } });
}

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(directory.path, name), content);
}

const names = (quoted: string): string =>
  `DB_HOST=127.0.0.1\nDB_PORT=${String(server.port)}\nDB_NAME=app\nDB_USER=postgres\nDB_PASSWORD=${quoted}\n`;

test.each([
  ['as it is', password],
  ['as a shell quotes it', `'${password.replaceAll("'", `'\\''`)}'`],
  ['in double quotes', `"${password.replaceAll(/["$]/g, '\\$&')}"`],
  ['in backticks', `\`${password}\``],
])('a password full of odd characters works from .env, written %s', async (_how, quoted) => {
  await write('.env', names(quoted));
  const result = await holdfast(['backup']);
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toContain('(DB_NAME in .env)');
  expect(result.stdout + result.stderr).not.toContain(password);
  const drill = await holdfast(['drill', '--on', 'env:HERE'], { HERE: server.url() });
  expect(drill.code, drill.stderr).toBe(0);
});

test('two sources that disagree stop a restore and name themselves; a flag settles it', async () => {
  await write('.env', `DATABASE_URL=${server.url('app')}\n`);
  expect((await holdfast(['backup'])).code).toBe(0);
  const env = { DATABASE_URL: server.url('postgres') };
  const refused = await holdfast(['restore', 'app', 'latest', '--yes'], { ...env, BACKUP_DIR: 'backups' });
  expect(refused.code).toBe(2);
  const both = await holdfast(['restore', '20', '--yes', '--json'], env);
  expect(both.code).toBe(2);
  expect(both.json().at(-1)).toMatchObject({
    type: 'error',
    code: 'targets-disagree',
    message: 'DATABASE_URL in the environment and DATABASE_URL in .env name different databases',
  });
  const flag = await holdfast(['restore', 'latest', '--url', 'env:APP', '--yes'], { ...env, APP: server.url('app') });
  expect(flag.code, flag.stderr).toBe(0);
});

test('holdfast.yaml gives name, repository and checks; a check that does not hold is not proven', async () => {
  const yaml = (expected: string): string =>
    `repository: kept\ndatabases:\n  main:\n    urlEnv: MAIN\n    checks:\n      - {sql: SELECT count(*) FROM t, expect: '${expected}'}\n      - {tables: 1}\n`;
  const env = { MAIN: server.url('app') };
  await write('holdfast.yaml', yaml('>= 60000'));
  const backup = await holdfast(['backup'], env);
  expect(backup.code, backup.stderr).toBe(0);
  expect(backup.stdout).toContain('./kept/main/backups/');
  const proven = await holdfast(['drill'], env);
  expect(proven.code, proven.stderr).toBe(0);
  expect(proven.stdout).toContain('✓ SELECT count(*) FROM t: 60000');
  await write('holdfast.yaml', yaml('61000'));
  const failed = await holdfast(['drill'], env);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain('✗ SELECT count(*) FROM t: 60000 instead of 61000');
});

test('a backup of definitions only is restored by a drill, and not called proven', async () => {
  const env = { DATABASE_URL: server.url('app') };
  const backup = await holdfast(['backup', '--schema-only'], env);
  expect(backup.code, backup.stderr).toBe(0);
  const [id = ''] = /\d{8}T\d{6}Z-dump-\w+/.exec(backup.stdout) ?? [];
  const drill = await holdfast(['drill', 'app', id, '--on', server.url()], env);
  expect(drill.code, drill.stderr).toBe(3);
  expect(drill.stderr).toContain('restored, but not proven: the backup has nothing in its fingerprint to compare with');
  expect((await holdfast(['list'], env)).stdout).toMatch(/ stored\b/);
});

test('a drill never replaces the database that its backups are of', async () => {
  const env = { DATABASE_URL: server.url('app') };
  expect((await holdfast(['backup'], env)).code).toBe(0);
  const drill = await holdfast(['drill', '--to', server.url('app'), '--keep', '--yes'], env);
  expect(drill.code).toBe(2);
  expect(drill.stderr).toMatch(/--to names app itself, which a drill would drop/);
});

test('a mistake in holdfast.yaml is shown with its place', async () => {
  await write('holdfast.yaml', 'databases:\n  main:\n    ulr: x\n');
  const result = await holdfast(['list']);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(
    /^error: .*holdfast\.yaml:3:5: unknown setting databases\.main\.ulr\nhint: Did you mean url\?/,
  );
});

test('without any source it says what to set', async () => {
  const result = await holdfast(['backup']);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(/^error: no database is named.*\nhint: Set DATABASE_URL/);
});

test('a name without effect is a warning, and the exit code 3', async () => {
  await write('.env', `DATABASE_URL=${server.url('app')}\nS3_BUCKET=s3://b\n`);
  const result = await holdfast(['backup']);
  expect(result.code).toBe(3);
  expect(result.stderr).toContain('[WARN] S3_BUCKET in .env: has no effect yet, backups stay on this machine');
});
