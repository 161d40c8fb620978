/**
 * Our process is killed (SIGKILL: nothing can be cleaned up) at random moments. What existed is as it was, nothing is
 * listed that is not whole, no program of ours goes on, and the next run names what is left, or removes it.
 */

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { loadNoise } from '../harness/fill.ts';
import { randomMoments, seed } from '../harness/moments.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { waitForNone } from '../harness/processes.ts';
import { makeSharedDirectory, type TestDirectory } from '../harness/temporary.ts';

const moments = 10;

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;
const temporary = (): string => join(directory.path, 'tmp');
const folders = (): string => join(directory.path, 'backups/app/backups');

beforeAll(async () => {
  server = await startPostgres();
  // Throwaway servers of drills lie in the temporary folder, and root's are another user's.
  directory = await makeSharedDirectory('kill');
  await mkdir(temporary());
  const env = {
    ...server.toolEnvironment,
    DATABASE_URL: server.socketUrl('app'),
    TMPDIR: temporary(),
    HOLDFAST_TEST_RUN: directory.path,
  };
  options = { cwd: directory.path, env };
  await loadNoise(server, 'app', 16);
  const first = await runHoldfast(['backup'], options);
  expect(first.code, first.stderr).toBe(0);
  await server.psql('CREATE TABLE made_since (x int); INSERT INTO made_since VALUES (1)', 'app');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** How long the command takes when nobody kills it. */
async function measure(args: readonly string[]): Promise<number> {
  const { code, elapsedMs, stderr } = await runHoldfast(args, options);
  expect(code, stderr).toBe(0);
  return elapsedMs;
}

/** Kills the command after this time; afterwards no program that it started is alive. */
async function killAfter(ms: number, args: readonly string[]): Promise<void> {
  const run = startHoldfast(args, options);
  await Promise.race([sleep(ms), run.result]);
  run.signal('SIGKILL');
  await run.result;
  expect(await waitForNone(`HOLDFAST_TEST_RUN=${directory.path}`, 10_000), 'programs that live on').toEqual([]);
  // The server ends a statement (CREATE DATABASE) before it notices that nobody waits for it any more.
  for (let attempt = 0; attempt < 200 && (await sessionsOfOurs()) !== '0'; attempt += 1) await sleep(50);
}

async function nextRun(args: readonly string[] = ['doctor']): Promise<CliResult> {
  const result = await runHoldfast(args, options);
  expect([0, 3], result.stderr).toContain(result.code);
  expect(result.stderr).not.toMatch(/^error:/m);
  return result;
}

async function databases(): Promise<readonly string[]> {
  return (await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'app%' ORDER BY 1`)).split('\n');
}

async function sessionsOfOurs(): Promise<string> {
  return await server.psql(`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'`);
}

test(`kill -9 during a backup leaves whole backups and named folders (seed ${seed})`, async () => {
  const lengthMs = await measure(['backup']);
  const seen = { listed: 0, unfinished: 0 };
  for (const ms of randomMoments(moments, lengthMs, 1)) {
    await killAfter(ms, ['backup']);
    const list = await runHoldfast(['list', '--json'], options);
    const ids = list
      .json()
      .filter((line) => line['type'] === 'backup')
      .map((line) => String(line['id']));
    if (ids.length > seen.listed) expect(await runHoldfast(['verify', 'latest'], options)).toMatchObject({ code: 0 });
    seen.listed = ids.length;
    const next = await nextRun();
    for (const folder of (await readdir(folders())).filter((name) => !ids.includes(name))) {
      // Without even its first file it is nothing yet: what a write left there is removed by a later backup.
      if (!(await readdir(join(folders(), folder))).includes('begin.json')) continue;
      seen.unfinished += 1;
      expect(next.stderr, `after ${ms} ms`).toMatch(new RegExp(`${folder} was begun.*never finished`));
    }
  }
  expect(seen.listed).toBeGreaterThanOrEqual(2);
  expect(seen.unfinished).toBeGreaterThan(0);
  expect((await runHoldfast(['verify', '--all'], options)).code).toBe(0);
  expect(await server.psql('SELECT x FROM made_since', 'app')).toBe('1');
});

test(`kill -9 during a restore harms no database, and the next run names the copy (seed ${seed})`, async () => {
  const id = (await readdir(folders()))[0] ?? '';
  const lengthMs = await measure(['restore', id, '--into', 'app_elsewhere']);
  await server.psql('DROP DATABASE app_elsewhere');
  const seen = { copies: 0 };
  for (const ms of randomMoments(moments, lengthMs, 2)) {
    await killAfter(ms, ['restore', id, '--yes']);
    const present = await databases();
    const kept = present.find((name) => name.startsWith('app_before_'));
    // Either the swap was done, then both are whole; or it was not, then the old one is in place.
    expect(present).toContain('app');
    expect(await server.psql('SELECT x FROM made_since', kept ?? 'app')).toBe('1');
    expect(await server.psql('SELECT count(*) FROM small', 'app')).toBe('1000');
    const next = await nextRun(ms % 2 === 0 ? ['doctor'] : ['restore', id, '--dry-run']);
    for (const copy of present.filter((name) => name.startsWith('app_restoring_'))) {
      seen.copies += 1;
      expect(next.stderr).toContain(`the database ${copy} on`);
      const statement = new RegExp(`hint: Remove it: (DROP DATABASE "?${copy}"?;)`).exec(next.stderr)?.[1];
      await server.psql(statement ?? '');
    }
    if (kept !== undefined) {
      expect(await runHoldfast(['restore', '--undo', '--yes'], options)).toMatchObject({ code: 0 });
      expect(await runHoldfast(['restore', '--drop-replaced', '--yes'], options)).toMatchObject({ code: 0 });
    }
    expect(await databases()).toEqual(['app']);
    expect(await sessionsOfOurs()).toBe('0');
    expect(await readdir(temporary())).toEqual([]);
  }
  expect(seen.copies).toBeGreaterThan(0);
});

test(`kill -9 during a drill leaves no server behind the next run (seed ${seed})`, async () => {
  const lengthMs = await measure(['drill', 'latest']);
  const seen = { servers: 0 };
  for (const ms of randomMoments(moments, lengthMs, 3)) {
    await killAfter(ms, ['drill', 'latest']);
    const left = (await readdir(temporary())).filter((name) => name.startsWith('holdfast-scratch-'));
    seen.servers += left.length;
    const next = await nextRun();
    for (const name of left)
      expect(next.stderr).toMatch(new RegExp(`removed the (throwaway server|temporary folder).*${name}`));
    expect(await readdir(temporary())).toEqual([]);
  }
  expect(seen.servers).toBeGreaterThan(0);
  expect(await databases()).toEqual(['app']);
  expect(await runHoldfast(['drill', 'latest'], options)).toMatchObject({ code: 0 });
});
