/** `restore --in-place` by a user who may create no database, as on hosted servers. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { expectFailure } from '../harness/failure.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('hosted');
  // Nobody but the superuser gets into the server's own databases.
  await server.psql(
    'CREATE ROLE tenant LOGIN; CREATE DATABASE app OWNER tenant; REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC',
  );
  await asTenant(
    `CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 40000) n; CREATE TABLE flyway_schema_history
       (installed_rank int, version text, description text, success boolean);
     INSERT INTO flyway_schema_history VALUES (1, '1', 'begin', true), (2, '2', 'more', true), (3, '3', 'broken', false)`,
  );
  const env = { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app').replace('postgres@', 'tenant@') };
  options = { cwd: directory.path, env };
  const backup = await holdfast('backup');
  expect(backup.code, backup.stderr).toBe(0);
  await asTenant(`DELETE FROM t WHERE n > 10; INSERT INTO flyway_schema_history VALUES (4, '4', 'later', true)`);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function backups(): string {
  return join(directory.path, 'backups/app/backups');
}

async function asTenant(sql: string): Promise<string> {
  return server.psql(`SET ROLE tenant; ${sql}`, 'app');
}

function holdfast(...args: readonly string[]): Promise<CliResult> {
  return runHoldfast(args, options);
}

test('an ordinary restore is refused, and names the way', async () => {
  const closed = await holdfast('restore', 'latest', '--yes');
  expectFailure(closed, { code: 1, says: /no other database of the server lets user tenant in/ });
  expect(closed.stderr).toMatch(/hint: Add --in-place: /);
  await server.psql('GRANT CONNECT ON DATABASE postgres TO tenant');
  const result = await holdfast('restore', 'latest', '--yes');
  await server.psql('REVOKE CONNECT ON DATABASE postgres FROM tenant');
  expectFailure(result, { code: 1, says: /user tenant may not create databases/ });
  expect(result.stderr).toMatch(/hint: As superuser: ALTER ROLE "tenant" CREATEDB; or add --in-place:/);
});

test('the plan says what happens, what was migrated, and changes nothing', async () => {
  const result = await holdfast('restore', 'latest', '--in-place', '--dry-run');
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toContain(
    'newest migration in the backup: 2 more (flyway); in the present database: 4 later (flyway)',
  );
  expect(result.stdout).toMatch(/1\. begin a transaction and lock the 2 tables of app.*\n +2\. take a safety backup/);
  expect(result.stdout).toMatch(/7\. commit; if anything failed until then, roll back/);
  const loud = await holdfast('restore', 'latest', '--in-place', '--no-safety-backup', '--dry-run', '--json');
  expect(loud.code).toBe(3);
  expect(loud.json()).toContainEqual(expect.objectContaining({ type: 'finding', code: 'no-safety-backup' }));
  expect(loud.json().at(-1)).toMatchObject({ destination: 'in-place', safetyBackup: false, keptAs: null });
  expect(await asTenant('SELECT count(*) FROM t')).toBe('10');
  expectFailure(await holdfast('restore', 'latest', '--in-place'), { code: 2, says: /must be confirmed/ });
});

test('it is restored, compared and committed; the state before is a backup that is never the latest', async () => {
  const result = await holdfast('restore', 'latest', '--in-place', '--yes', '--json');
  expect(result.code, result.stdout).toBe(0);
  const facts = result.json().at(-1);
  expect(facts).toMatchObject({ outcome: 'restored', name: 'app', keptAs: null, comparison: { differences: [] } });
  expect(await asTenant('SELECT count(*) FROM t')).toBe('40000');
  expect((await holdfast('restore', 'latest', '--in-place', '--dry-run')).stdout).not.toContain(
    String(facts?.['safetyBackup']),
  );
  const back = await holdfast('restore', String(facts?.['safetyBackup']), '--in-place', '--yes');
  expect(back.code, back.stderr).toBe(0);
  expect(await asTenant('SELECT count(*), max(version) FROM t, flyway_schema_history')).toMatch(/\|4$/);
  expect(await server.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'app%'`)).toBe('1');
});

test('what cannot be backed up first is not replaced, and the hint says how to go on without', async () => {
  await server.psql('CREATE TABLE hidden (x int); INSERT INTO hidden VALUES (1)', 'app');
  const result = await holdfast('restore', 'latest', '--in-place', '--yes');
  expectFailure(result, {
    code: 1,
    says: /may not read table .*hidden|may not drop what other roles own: table public.hidden/,
  });
  await server.psql('DROP TABLE hidden', 'app');
});

test('a backup that holds only a part does not come so far', async () => {
  expect([0, 3]).toContain((await holdfast('backup', '--table', 't')).code);
  const folders = await readdir(backups());
  const newest = folders.reduce((last, folder) => (folder > last ? folder : last), '');
  expectFailure(await holdfast('restore', newest, '--in-place', '--yes'), { code: 2, says: /is partial/ });
  expectFailure(await holdfast('restore', 'latest', '--in-place', '--into', 'x'), {
    code: 2,
    says: /exclude each other/,
  });
});

test('neither does one that was found damaged, although its bytes are right again', async () => {
  const [oldest = ''] = (await readdir(backups())).toSorted();
  const [dump = ''] = (await readdir(join(backups(), oldest))).filter((name) => name.endsWith('.dump.zst'));
  const path = join(backups(), oldest, dump);
  const right = await readFile(path);
  await writeFile(path, Buffer.concat([right.subarray(0, -1), Buffer.from([right.at(-1) === 0 ? 1 : 0])]));
  expectFailure(await holdfast('restore', oldest, '--in-place', '--yes'), { code: 15, says: /dump\.zst/ });
  await writeFile(path, right);
  const before = await asTenant('SELECT count(*) FROM t');
  const result = await holdfast('restore', oldest, '--in-place', '--yes');
  expectFailure(result, { code: 1, says: /was found damaged earlier/ });
  expect(await asTenant('SELECT count(*) FROM t')).toBe(before);
});

test('a file of another program goes in place as well, its safety backup where backups go', async () => {
  const [oldest = ''] = (await readdir(backups())).toSorted();
  expect((await holdfast('extract', oldest, 'old.sql')).code).toBe(0);
  await asTenant('DELETE FROM t; INSERT INTO t VALUES (1, $$since$$)');
  const result = await holdfast('restore', 'app', '--file', 'old.sql', '--in-place', '--yes', '--json');
  expect([0, 3], result.stdout).toContain(result.code);
  const saved = String(result.json().at(-1)?.['safetyBackup']);
  expect(await readdir(backups())).toContain(saved);
  expect(await asTenant('SELECT count(*) FROM t')).toBe('40000');
  const back = await holdfast('restore', saved, '--in-place', '--yes');
  expect(back.code, back.stderr).toBe(0);
  expect(await asTenant('SELECT count(*) FROM t')).toBe('1');
});

test('a SQLite file needs no such thing', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const file = join(directory.path, 'dev.db');
  new DatabaseSync(file).exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
  const own = { cwd: directory.path, env: { DATABASE_URL: `file:${file}`, BACKUP_DIR: 'sqlite' } };
  expect([0, 3]).toContain((await runHoldfast(['backup'], own)).code);
  expectFailure(await runHoldfast(['restore', 'latest', '--in-place', '--yes'], own), {
    code: 1,
    says: /a SQLite file is never filled in its place/,
  });
});
