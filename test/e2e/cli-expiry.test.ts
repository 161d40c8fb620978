/** Expiry as a person meets it: the real program, a SQLite file, a folder that old scripts wrote into as well. */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sealJson } from '../../src/repository/sealed-json.ts';
import { openLocalStore } from '../../src/storage/local/local-store.ts';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { dayMs } from '../harness/retention.ts';
import { makeClock } from '../harness/clock.ts';
import { openSampleRepository, makeRandom, writeSample } from '../harness/sample-backup.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { makeAccounts } from '../suites/sqlite/databases.ts';
import { wallClock } from '../../src/system/wall-clock.ts';

let directory: TestDirectory | null = null;
let folder = '';

beforeEach(async () => {
  directory = await makeTestDirectory('cli-expiry');
  folder = directory.path;
  makeAccounts(join(folder, 'app.db'), 'wal', 2);
  await writeFile(join(folder, '.env'), 'DATABASE_URL=file:./app.db\n');
});

afterEach(async () => {
  await directory?.[Symbol.asyncDispose]();
});

function holdfast(...args: readonly string[]): Promise<CliResult> {
  return runHoldfast(args, { cwd: folder });
}

/** Of the last days, one each, the newest half a day old. Their ids, oldest first. */
async function haveBackups(count: number): Promise<readonly string[]> {
  const clock = makeClock(new Date(wallClock.now().getTime() - (count - 0.5) * dayMs).toISOString());
  const repository = await openSampleRepository(openLocalStore(join(folder, 'backups')), clock, makeRandom());
  const ids: string[] = [];
  for (let day = 0; day < count; day += 1) {
    ids.push((await writeSample(repository)).id);
    clock.advance(dayMs);
  }
  return ids;
}

function keepRules(text: string): Promise<void> {
  return writeFile(join(folder, 'holdfast.yaml'), `keep: ${text}\ntimezone: UTC\n`);
}

/** As if the grace period were over. */
async function ageTombstones(): Promise<void> {
  const backups = join(folder, 'backups/app/backups');
  for (const id of await readdir(backups)) {
    for (const name of (await readdir(join(backups, id))).filter((each) => each.startsWith('expired-'))) {
      const { sha256: _seal, ...mark } = JSON.parse(await readFile(join(backups, id, name), 'utf8')) as {
        sha256: string;
        time: string;
      };
      const time = new Date(Date.parse(mark.time) - 2 * dayMs).toISOString();
      await writeFile(join(backups, id, name), sealJson({ ...mark, time }));
    }
  }
}

test('a backup without a rule says that nothing is deleted, and ends with 0', async () => {
  await haveBackups(3);
  const result = await holdfast('backup');
  expect(result.code, result.stderr).toBe(0);
  expect(result.stderr).toContain('[INFO] no rule says how long backups of app are kept: nothing is deleted');
  expect((await holdfast('backup', '--json')).json().at(-1)).toMatchObject({ expiry: null, exit: 0 });
});

test('team G and M: BACKUP_RETENTION_DAYS alone expires after a backup, and leaves the old files alone', async () => {
  const ids = await haveBackups(5);
  await writeFile(join(folder, '.env'), 'DATABASE_URL=file:./app.db\nBACKUP_RETENTION_DAYS=4\n');
  await mkdir(join(folder, 'backups/daily'));
  const foreign = [
    'backup_sqlite_20200101.db.gz',
    'globalrx_backup_20200101.sql',
    'daily/nutrivault_backup_20200101.dump.gz',
  ];
  for (const name of foreign) await writeFile(join(folder, 'backups', name), 'from a script');
  const result = await holdfast('backup', '--json');
  expect(result.code, result.stdout).toBe(0);
  expect(result.json().at(-1)).toMatchObject({ expiry: { expired: [ids[0]], removed: [], kept: 5 } });
  await ageTombstones();
  const next = await holdfast('backup');
  expect(next.code, next.stderr).toBe(0);
  expect(next.stdout).toMatch(/app: 6 backups stay; 1 expired one deleted/);
  expect(await readdir(join(folder, 'backups/app/backups'))).not.toContain(ids[0]);
  for (const name of foreign) expect(await readFile(join(folder, 'backups', name), 'utf8')).toBe('from a script');
});

test('prune --dry-run shows each backup with its reason; prune hides, and later deletes; list and show say so', async () => {
  const ids = await haveBackups(5);
  await keepRules('{last: 3}');
  const plan = await holdfast('prune', '--dry-run');
  expect(plan.code, plan.stderr).toBe(0);
  for (const id of ids) expect(plan.stdout).toMatch(new RegExp(`${id} .*(stays|expires) +\\S`));
  expect(plan.stdout).toContain('app: 3 backups would stay; 2 backups would expire');
  const result = await holdfast('prune');
  expect(result.stdout).toContain(`expired ${ids[0] ?? ''}: not one of the last 3`);
  const list = await holdfast('list');
  expect(list.stdout).toMatch(new RegExp(`${ids[0] ?? ''}.*stored, expired`));
  expect((await holdfast('show', ids[0] ?? '')).stdout).toMatch(
    /goes +its bytes are deleted after .*; holdfast pin keeps it/,
  );
  await ageTombstones();
  const together = await Promise.all([holdfast('prune', '--json'), holdfast('prune', '--json')]);
  expect(together.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  const removed = together.flatMap((run) => (run.json().at(-1)?.['databases'] as { removed: string[] }[])[0]?.removed);
  expect([...new Set(removed)].toSorted()).toEqual(ids.slice(0, 2));
  expect(await readdir(join(folder, 'backups/app/backups'))).toEqual(ids.slice(2));
});

test('prune stops with 1 when half of all would go, a backup with 3, and --force goes on', async () => {
  await haveBackups(6);
  await keepRules('{last: 2}');
  const stopped = await holdfast('prune');
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toMatch(
    /^error: nothing expires: the rules would let go 4 of 6 backups of app\nhint: .*--force/m,
  );
  const backup = await holdfast('backup');
  expect(backup.code).toBe(3);
  expect(backup.stderr).toContain('[WARN] nothing expires: the rules would let go 5 of 7 backups of app');
  expect(await readdir(join(folder, 'backups/app/backups'))).toHaveLength(7);
  const forced = await holdfast('prune', '--force');
  expect(forced.code, forced.stderr).toBe(0);
  expect(forced.stdout).toContain('5 backups expired');
});

test('pin keeps, unpin leaves to the rules, and both say what they did', async () => {
  const ids = await haveBackups(5);
  const first = ids[0] ?? '';
  await keepRules('{last: 3}');
  await holdfast('prune');
  const pinned = await holdfast('pin', 'app', first, '--reason', 'before the merger');
  expect(pinned.code, pinned.stderr).toBe(0);
  expect(pinned.stdout).toContain(`✓ pinned app ${first}: before the merger`);
  expect((await holdfast('list', '--json')).json()).toContainEqual(
    expect.objectContaining({ id: first, hold: expect.objectContaining({ kind: 'pinned' }) as unknown }),
  );
  await ageTombstones();
  expect((await holdfast('prune', '--dry-run')).stdout).toMatch(
    new RegExp(`${first}.*stays +pinned: before the merger`),
  );
  expect((await holdfast('unpin', first)).stdout).toContain(`✓ unpinned app ${first}`);
  expect((await holdfast('unpin', first)).stdout).toContain('is not pinned; nothing to do');
  const none = await holdfast('pin');
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('which backup is to be pinned?')]);
  expect((await holdfast('pin', '20000101T000000Z')).code).toBe(13);
});
