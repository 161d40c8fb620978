import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { runChild } from '../../../src/system/child-process.ts';
import { unprivilegedUser } from '../../../src/system/unprivileged-user.ts';
import { makeSharedDirectory, makeTestDirectory } from '../../harness/temporary.ts';
import { ask, makeAccounts, makeDatabase } from './databases.ts';
import { openEngine, sqlite, startWork, takeBackup } from './image-store.ts';
import { startProgram } from './running-program.ts';

test.each([
  ['nothing there', () => undefined, 'sqlite-file-missing'],
  ['an empty file', (path: string) => writeFileSync(path, ''), 'sqlite-file-empty'],
  ['a folder', (path: string) => mkdirSync(path), 'sqlite-file-unreadable'],
  ['a text', (path: string) => writeFileSync(path, 'hello world\n'.repeat(1000)), 'not-a-database'],
  ['an encrypted database', (path: string) => writeFileSync(path, Buffer.alloc(8192, 0x5a)), 'not-a-database'],
])('%s is one clear error, for a backup and for doctor', async (_what, make, code) => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  make(path);
  const engine = openEngine(path);
  await expect(takeBackup(engine)).rejects.toMatchObject({ code, message: expect.stringContaining(path) as string });
  await expect(engine.inspect('doctor', startWork())).rejects.toMatchObject({ code });
});

test('a database in memory is refused when it is named', () => {
  expect(() => sqlite.open({ url: 'sqlite::memory:', origin: 'test', baseDir: '/', environment: {} })).toThrow(
    expect.objectContaining({ code: 'sqlite-in-memory' }) as Error,
  );
});

test('a damaged page makes the backup fail instead of passing for one', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'delete', 1);
  const file = new DatabaseSync(path);
  const root = Number(file.prepare("SELECT rootpage AS n FROM sqlite_schema WHERE name = 'note'").get()?.['n']);
  file.close();
  await overwrite(path, (root - 1) * 4096, Buffer.alloc(4096, 0x77));
  await expect(takeBackup(openEngine(path))).rejects.toMatchObject({ code: 'sqlite-malformed' });
});

test('a damaged index, which no reading of rows meets, is a warning of the backup', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'a.db');
  makeDatabase(
    path,
    `CREATE TABLE t (a); CREATE INDEX i ON t (a);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT 'row ' || i FROM n`,
  );
  expect((await takeBackup(openEngine(path))).outcome.findings).toEqual([]);
  const page = Number(ask(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'i'"));
  const bytes = readFileSync(path);
  bytes.fill(0xee, (page - 1) * 4096 + 100, page * 4096);
  writeFileSync(path, bytes);
  const { outcome } = await takeBackup(openEngine(path));
  expect(outcome.findings).toMatchObject([{ severity: 'warning', code: 'sqlite-integrity-failed' }]);
});

test('a truncated database is refused', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'delete', 1);
  writeFileSync(path, readFileSync(path).subarray(0, 40_000));
  await expect(takeBackup(openEngine(path))).rejects.toMatchObject({ code: 'sqlite-malformed' });
});

test('a program that never lets go of its lock is waited for, then named as the reason', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE t (v)', 'delete');
  const holder = new DatabaseSync(path);
  holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  await expect(takeBackup(openEngine(path), { lockTimeoutMs: 200 })).rejects.toMatchObject({
    code: 'sqlite-busy',
    exit: 11,
  });
  holder.close();
});

test('what a crashed application left in its log is part of the backup, and stays where it is', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'wal', 1);
  {
    await using _crashed = await startProgram('writer.ts', path, 'wal', '0');
  }
  expect(existsSync(`${path}-wal`)).toBe(true);
  const { outcome, source } = await takeBackup(openEngine(path));
  expect(existsSync(`${path}-wal`)).toBe(true);
  await using copy = await sqlite.scratch({ kind: 'local' }, source, startWork());
  expect(await copy.query('SELECT count(*) > 1000, (SELECT sum(amount) FROM account) FROM note', startWork())).toEqual([
    ['1', '100000'],
  ]);
  expect(outcome.findings).toEqual([]);
});

test('a journal that a crash left is rolled back, and the backup says so', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'delete', 1);
  makeHotJournal(path);
  const { outcome, source } = await takeBackup(openEngine(path));
  expect(outcome.findings.map((finding) => finding.message)).toEqual([
    'a journal that a crash had left was rolled back by SQLite before reading',
  ]);
  await using copy = await sqlite.scratch({ kind: 'local' }, source, startWork());
  expect(await copy.query('SELECT sum(amount) FROM account', startWork())).toEqual([['100000']]);
  expect(await copy.check(startWork())).toEqual([]);
});

test('a symbolic link and its file are one database', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE t (v)');
  symlinkSync('app.db', join(folder.path, 'link.db'));
  expect(openEngine(join(folder.path, 'link.db')).target).toEqual(openEngine(path).target);
});

test('in a folder that may not be written to, a resting WAL database is read, and one with a log is a clear error', async () => {
  const user = await unprivilegedUser();
  await using folder = await makeSharedDirectory('sqlite');
  const resting = join(folder.path, 'resting.db');
  const left = join(folder.path, 'left.db');
  makeDatabase(resting, 'CREATE TABLE t (v); INSERT INTO t VALUES (1)');
  makeAccounts(left, 'wal', 1);
  {
    await using _crashed = await startProgram('writer.ts', left, 'wal', '0');
  }
  rmSync(`${left}-shm`);
  for (const name of readdirSync(folder.path)) chmodSync(join(folder.path, name), 0o644);
  chmodSync(folder.path, 0o555);
  expect(await describeAs(user, resting)).toContain('"type":"result"');
  expect(await describeAs(user, left)).toContain('"code":"sqlite-wal-unreadable"');
  chmodSync(folder.path, 0o755);
});

test('a file that this user may not read is a clear error', async () => {
  const user = await unprivilegedUser();
  await using folder = await makeSharedDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE t (v)');
  chmodSync(path, 0o000);
  expect(await describeAs(user, path)).toContain('"code":"sqlite-file-unreadable"');
});

/** Runs the job as a user whom permissions bind (root they do not). */
async function describeAs(user: { readonly uid: number; readonly gid: number } | null, path: string): Promise<string> {
  const program = join(import.meta.dirname, '../../../src/engine/sqlite/job/job-main.ts');
  const call = JSON.stringify({ name: 'describe', request: { path, isPrivate: false } });
  const args = ['-c', `printf '%s\\n' "$1" | "$2" "$3"`, 'sh', call, process.execPath, program];
  return await runChild({ command: '/bin/sh', args, ...(user === null ? {} : { user }) }, new AbortController().signal);
}

async function overwrite(path: string, position: number, bytes: Buffer): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
}

/** The state of a program that was killed in mid-commit: pages written, the journal not yet gone. */
function makeHotJournal(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA cache_size = 5; PRAGMA cache_spill = 1; BEGIN IMMEDIATE; UPDATE account SET amount = 0; UPDATE note SET text = hex(randomblob(200))',
  );
  copyFileSync(path, `${path}.torn`);
  copyFileSync(`${path}-journal`, `${path}-journal.torn`);
  database.exec('ROLLBACK');
  database.close();
  copyFileSync(`${path}.torn`, path);
  copyFileSync(`${path}-journal.torn`, `${path}-journal`);
  expect(ask(`${path}.torn`, 'SELECT sum(amount) FROM account')).not.toBe(100_000);
  rmSync(`${path}.torn`);
  rmSync(`${path}-journal.torn`);
}
