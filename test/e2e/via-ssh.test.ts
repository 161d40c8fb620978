/** A database that answers only on another machine, reached by ssh: a real sshd, behind which everything is quoted once more. */

import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { startContainer, type Container } from '../harness/container.ts';
import { startSshServer, type SshServer } from '../harness/ssh-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const password = `it's "$HOME" \\ \`id\``;
let container: Container;
let server: SshServer;
let directory: TestDirectory;

beforeAll(async () => {
  container = await startContainer();
  server = await startSshServer(container);
  directory = await makeTestDirectory('ssh-round');
  await container.psql(
    `CREATE ROLE app LOGIN CREATEDB PASSWORD '${password.replaceAll("'", "''")}'; CREATE DATABASE app OWNER app`,
  );
  await container.psql(
    `SET ROLE app; CREATE TABLE orders AS SELECT n AS id, repeat(md5(n::text), 50) AS note FROM generate_series(1, 4000) n`,
    'app',
  );
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await container[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function holdfast(
  args: readonly string[],
  prefix: readonly string[] = server.prefix,
  mounts: CliOptions['mounts'] = [],
): Promise<CliResult> {
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: `postgres://app:${encodeURIComponent(password)}@/app` };
  const result = await runHoldfast([...args, '--via', prefix.join(' ')], { cwd: directory.path, env, mounts });
  expect(result.stdout + result.stderr).not.toContain(password);
  expect(await container.emptied()).toEqual([]);
  return result;
}

async function expectDone(args: readonly string[], mounts: CliOptions['mounts'] = []): Promise<CliResult> {
  const result = await holdfast(args, server.prefix, mounts);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return result;
}

test('backup, drill and restore go through ssh', async () => {
  const backup = await expectDone(['backup']);
  expect(backup.stdout).toMatch(/ssh -F \/dev\/null .*@127\.0\.0\.1: postgres:\/\/app@\/app/);
  expect((await expectDone(['drill'])).stdout).toContain('✓ proven: app');
  await container.psql('DELETE FROM orders', 'app');
  await expectDone(['restore', 'latest', '--yes']);
  expect(await container.psql('SELECT count(*) FROM orders', 'app')).toBe('4000');
});

test('without client tools here those there are used, and the password arrives as it is', async () => {
  const hidden = [{ path: resolve(container.binDirectory, '../..'), options: 'size=1m' }];
  const backup = await expectDone(['backup'], hidden);
  expect(backup.stdout).toContain('whole, 1 table, 4,000 rows');
  await expectDone(['restore', 'latest', '--into', 'app_again', '--yes'], hidden);
  expect(await container.psql('SELECT count(*) FROM orders', 'app_again')).toBe('4000');
});

test('a login that is refused says what to do', async () => {
  const refused = await holdfast(['backup'], server.strangersPrefix);
  expect(refused.code).toBe(16);
  expect(refused.stderr).toMatch(/error: ssh .*: .*Permission denied \(publickey\)/);
  expect(refused.stderr).toContain('hint: ssh must log in without asking');
});
