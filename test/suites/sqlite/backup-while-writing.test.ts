import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { ask, makeAccounts, makeDatabase } from './databases.ts';
import { openEngine, takeBackup } from './image-store.ts';
import { startProgram } from './running-program.ts';

interface Written {
  readonly commits: number;
  readonly failures: number;
}

test('in WAL mode a writer that never waits loses no commit, and the copy is one moment of it', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'wal', 20);
  await using writer = await startProgram('writer.ts', path, 'wal', '0');
  const { bytes, outcome } = await takeBackup(openEngine(path), { fingerprint: 'independent' });
  const { commits, failures } = JSON.parse(await writer.stop()) as Written;
  expect(failures).toBe(0);
  expect(commits).toBeGreaterThan(50);
  expectOneMoment(folder.path, bytes);
  expect(outcome.findings).toEqual([]);
});

test('in rollback-journal mode a writer that waits a little loses no commit, and the copy is one moment of it', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'delete', 20);
  await using writer = await startProgram('writer.ts', path, 'delete', '10000');
  const { bytes, outcome } = await takeBackup(openEngine(path));
  const { commits, failures } = JSON.parse(await writer.stop()) as Written;
  expect(failures).toBe(0);
  expect(commits).toBeGreaterThan(1);
  expectOneMoment(folder.path, bytes);
  expect(outcome.findings.map((finding) => finding.message).join()).toMatch(/had to wait/);
});

test('in rollback-journal mode a writer that never waits gets through between the steps', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'delete', 5);
  await using writer = await startProgram('writer.ts', path, 'delete', '0');
  const { bytes } = await takeBackup(openEngine(path));
  const { commits } = JSON.parse(await writer.stop()) as Written;
  expect(commits).toBeGreaterThan(1);
  expectOneMoment(folder.path, bytes);
});

test('a backup leaves the folder of a resting database as it was, in either mode', async () => {
  await using folder = await makeTestDirectory('sqlite');
  for (const mode of ['wal', 'delete'] as const) {
    makeDatabase(join(folder.path, `${mode}.db`), 'CREATE TABLE t (a); INSERT INTO t VALUES (1)', mode);
    await takeBackup(openEngine(join(folder.path, `${mode}.db`)));
  }
  expect(readdirSync(folder.path).sort()).toEqual(['delete.db', 'wal.db']);
});

test('a backup that is interrupted at any moment ends and leaves nothing', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'wal', 20);
  for (const moment of [1, 2, 3, 4, 6]) {
    const stop = new AbortController();
    let reports = 0;
    const report = () => {
      reports += 1;
      if (reports === moment) stop.abort(new Error('stopped'));
    };
    await expect(takeBackup(openEngine(path), {}, { signal: stop.signal, report })).rejects.toThrow('stopped');
    expect(readdirSync(folder.path)).toEqual(['app.db']);
  }
});

/** Money only moves: whatever moment was copied, the sum is the same, and SQLite finds nothing wrong. */
function expectOneMoment(folder: string, bytes: Buffer): void {
  const copy = join(folder, 'copy.db');
  writeFileSync(copy, bytes);
  expect(ask(copy, 'SELECT sum(amount) FROM account')).toBe(100_000);
  expect(ask(copy, 'PRAGMA integrity_check')).toBe('ok');
}
