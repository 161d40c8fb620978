/** `holdfast init`: a look around, a settings file, a first backup and its proof. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { expectFailure } from '../harness/failure.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { runOnTerminal } from '../harness/terminal.ts';

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('My App');
  await server.psql(`CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 60000) AS i`, 'My App');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  directory = await makeTestDirectory('init');
  options = { cwd: directory.path, env: server.toolEnvironment };
  await write('.env', `DATABASE_URL=${server.socketUrl('My App')}\n`);
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(directory.path, name), content);
}

const settings = (): Promise<string> => readFile(join(directory.path, 'holdfast.yaml'), 'utf8');

test('with --yes it writes the settings, backs up and proves, and the settings work', async () => {
  const result = await runHoldfast(['init', '--yes'], options);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.stdout).toContain('wrote holdfast.yaml');
  expect(result.stdout).toContain('✓ proven: my-app');
  expect(result.stdout).toContain('holdfast export cron');
  const text = await settings();
  expect(text).toContain('  my-app:');
  expect(text).not.toContain('postgres://');
  const check = await runHoldfast(['config', 'check'], options);
  expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('1 database: my-app')]);
  expect((await runHoldfast(['backup'], options)).code).toBe(0);
});

test('without a terminal and without --yes it writes the file and stops there', async () => {
  const result = await runHoldfast(['init'], options);
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toMatch(/take the first backup +holdfast backup/);
  expect(await settings()).toContain('  my-app:');
  expectFailure(await runHoldfast(['list'], options), { code: 10, says: /no repository|there is no/i });
});

test('a file that is there is never overwritten', async () => {
  await write('holdfast.yaml', 'databases:\n  mine: {url: "file:x.db"}\n');
  expectFailure(await runHoldfast(['init', '--yes'], options), { code: 2, says: /holdfast\.yaml is there already/ });
  expect(await settings()).toBe('databases:\n  mine: {url: "file:x.db"}\n');
});

test('--dry-run shows the file and writes nothing', async () => {
  const result = await runHoldfast(['init', '--dry-run'], options);
  expect([result.code, result.stdout]).toEqual([0, expect.stringContaining('my-app:')]);
  await expect(settings()).rejects.toThrow(/ENOENT/);
});

test('it finds what the team has: containers, a Prisma schema, scripts that make backups', async () => {
  await mkdir(join(directory.path, 'prisma'));
  await mkdir(join(directory.path, 'scripts'));
  await write('prisma/schema.prisma', 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n');
  await write('compose.yaml', 'services:\n  db:\n    image: postgres:17\n');
  await write('scripts/backup.sh', '#!/bin/sh\npg_dump "$DATABASE_URL" | gzip > backup.sql.gz\n');
  const result = await runHoldfast(['init'], options);
  expect(result.stdout).toMatch(/container +db \(postgres:17\) in compose\.yaml/);
  expect(result.stdout).toMatch(/Prisma +postgresql in prisma\/schema\.prisma, address from DATABASE_URL/);
  expect(result.stdout).toMatch(/makes backups +scripts\/backup\.sh/);
  expect(result.stdout).toMatch(/retire scripts\/backup\.sh/);
});

test('a variable given with --url is written by its name, a password never', async () => {
  const secret = 'pl4nted';
  const env = { ...server.toolEnvironment, OTHER: server.socketUrl('My App') };
  const byName = await runHoldfast(['init', '--url', 'env:OTHER'], { ...options, env });
  expect(byName.code, byName.stderr).toBe(0);
  expect(await settings()).toContain('urlEnv: OTHER');
  const other = join(directory.path, 'other');
  await mkdir(other);
  await runHoldfast(['init', '--url', `postgres://me:${secret}@127.0.0.1:1/app`], { ...options, cwd: other });
  const text = await readFile(join(other, 'holdfast.yaml'), 'utf8');
  expect(text).toContain('url: postgres://me@127.0.0.1:1/app');
  expect(text).not.toContain(secret);
});

test('on a terminal it asks how long to keep backups, and writes the answer', async () => {
  const result = await runOnTerminal(['init'], options, { question: /How long should backups be kept/, answer: '\r' });
  expect(result.code, result.stdout).toBe(0);
  expect(await settings()).toMatch(/^keep:\n {2}daily: 30\n {2}weekly: 12\n/m);
  expect(result.stdout).toContain('proven');
});

test('with no database anywhere it writes a commented file that says where one is named', async () => {
  await write('.env', '');
  const result = await runHoldfast(['init', '--yes'], options);
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toContain('set DATABASE_URL');
  expect(await settings()).toContain('# databases:');
  expect((await runHoldfast(['config', 'check'], options)).code).toBe(0);
});
