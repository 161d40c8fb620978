/** Health and status, as a team's cron job and a person at a terminal meet them. */

import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { makeNotes, type NotesRepository } from '../harness/notes-repository.ts';

let notes: NotesRepository;

beforeAll(async () => {
  notes = await makeNotes('watch');
});

afterAll(async () => {
  await notes[Symbol.asyncDispose]();
});

function holdfast(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runHoldfast(args, { ...notes.options, env });
}

/** The checks that fail, of one database. */
async function failing(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const result = await holdfast(['health', '--json', ...args], env);
  const { checks } = result.json().find(({ type }) => type === 'health') as {
    readonly checks: readonly { readonly check: string; readonly ok: boolean }[];
  };
  const failed = checks.filter(({ ok }) => !ok).map(({ check }) => check);
  expect(result.code, result.stdout).toBe(failed.length === 0 ? 0 : 14);
  expect(result.json().at(-1)).toMatchObject({ type: 'result', command: 'health', healthy: failed.length === 0 });
  return failed;
}

test('without a repository there is nothing to be healthy: 10', async () => {
  const result = await holdfast(['health']);
  expect(result.code).toBe(10);
  expect(result.stderr).toMatch(/^error: no repository in .*backups$/m);
});

test('a backup that nobody proved is not enough, and a drill makes it so', async () => {
  await notes.backUp();
  const unproven = await holdfast(['health']);
  expect(unproven.code).toBe(14);
  expect(unproven.stdout).toMatch(/^notes {2}✗ unhealthy$/m);
  expect(unproven.stdout).toMatch(/^ {2}✓ newest whole backup .* old {2}\(at most 26 h\)$/m);
  expect(unproven.stdout).toMatch(
    /^ {2}✗ newest proven +none {2}\(at most 8 days\) {2}Prove the newest: holdfast drill notes$/m,
  );
  const status = await holdfast(['status']);
  expect(status.code, status.stderr).toBe(0);
  expect(status.stdout).toMatch(/✗ unhealthy$/m);
  expect(status.stdout).toMatch(/^✗ notes: no backup is proven; one of the last 8 days is expected$/m);
  expect((await holdfast(['drill'])).code).toBe(0);
  expect(await failing([])).toEqual([]);
  const text = await holdfast(['health', '--quiet']);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^notes {2}✓ healthy\n/);
});

test('flags and the teams’ own variables set the limits', async () => {
  expect(await failing(['--max-age', '1ms'])).toEqual(['newest']);
  expect(await failing(['--min-count', '2'])).toEqual(['count']);
  expect(await failing(['--max-proof-age', '1ms'])).toEqual(['proof']);
  expect(await failing([], { EXPECTED_DAILY_BACKUPS: '2' })).toEqual(['count']);
  expect(await failing([], { ALERT_IF_OLDER_THAN_HOURS: '0' })).toEqual(['newest']);
  expect(await failing([], { MAX_AGE_HOURS: '0.0000001' })).toEqual(['newest']);
  expect(await failing(['--max-age', '25h'], { MAX_AGE_HOURS: '0' })).toEqual([]);
  const wrong = await holdfast(['health'], { MAX_AGE_HOURS: 'a day' });
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('MAX_AGE_HOURS in the environment is not a number'),
  ]);
  for (const flag of ['--max-age=25', '--min-count=-1']) expect((await holdfast(['health', flag])).code).toBe(2);
});

test('the names of the teams are no longer without effect', async () => {
  const result = await holdfast(['doctor'], {
    ALERT_IF_OLDER_THAN_HOURS: '25',
    EXPECTED_DAILY_BACKUPS: '1',
    MAX_AGE_HOURS: '26',
  });
  expect(result.stdout + result.stderr).not.toContain('no effect');
});

test('every configured database counts, and one that is only in the repository is told apart', async () => {
  const yaml = join(notes.options.cwd, 'holdfast.yaml');
  await writeFile(
    yaml,
    'databases:\n  shop: {url: file:shop.db}\n  crm: {url: file:crm.db, health: {minCount: 0}}\nhealth: {maxAge: 30h}\n',
  );
  try {
    const text = await holdfast(['health']);
    expect(text.code).toBe(14);
    expect(text.stdout).toMatch(/^shop {2}✗ unhealthy$/m);
    expect(text.stdout).toMatch(
      /^ {2}✗ newest whole backup +none {2}\(at most 30 h\) {2}Make one: holdfast backup shop$/m,
    );
    expect(text.stdout).toMatch(/^ {2}✓ in the last 24 h +0 backups {2}\(at least 0\)$/m);
    expect(text.stdout).toMatch(/^in the repository and not configured, so not judged: notes$/m);
    const named = await holdfast(['health', 'notes']);
    expect(named.code, named.stdout).toBe(0);
    const status = await holdfast(['status', '--json']);
    const databases = status.json().filter(({ type }) => type === 'database');
    expect(databases.map(({ database, health }) => [database, health === null])).toEqual([
      ['shop', false],
      ['crm', false],
      ['notes', true],
    ]);
    expect((await holdfast(['status'])).stdout).toMatch(/^notes .* not configured$/m);
  } finally {
    await rm(yaml);
  }
});

test('status is one screen with what there is of each kind, and what is damaged and unfinished', async () => {
  const folder = join(notes.options.cwd, 'backups/notes/backups');
  const [id = ''] = await readdir(folder);
  const older = '20200101T000000Z-image-aaaa';
  await rename(join(folder, id), join(folder, older));
  try {
    const damaged = (await holdfast(['status', '--json'])).json().find(({ type }) => type === 'database');
    expect(damaged).toMatchObject({ backups: 0, damaged: 1, newest: null, periods: { days: 0 } });
  } finally {
    await rename(join(folder, older), join(folder, id));
  }
  const lines = (await holdfast(['status', '--quiet'])).stdout.split('\n');
  expect(lines[0]).toMatch(/^DATABASE +NEWEST +AGE +SIZE +STATE +NEWEST PROVEN +HEALTH$/);
  expect(lines[1]).toMatch(/^notes +\d{8}T\d{6}Z-image-\w{4} .* proven +.* ✓ healthy$/);
  expect(lines[3]).toMatch(/^DATABASE +BACKUPS +DAYS +WEEKS +MONTHS +YEARS +DAMAGED +UNFINISHED +ON DISK$/);
  expect(lines[4]).toMatch(/^notes +1 +1 +1 +1 +1 +0 +0 +[\d.]+ [kM]B$/);
  expect(lines[5]).toMatch(/^[\d.]+ [kM]B used by backups, [\d.]+ [MGT]B free$/);
});

test('a drill at random takes an older backup, and says so when there is none', async () => {
  const none = await holdfast(['drill', '--random']);
  expect([none.code, none.stderr]).toEqual([
    13,
    expect.stringContaining('no whole, undamaged backup of notes but the newest'),
  ]);
  const list = await holdfast(['list', '--json']);
  const older = list.json().find(({ type }) => type === 'backup')?.['id'];
  await notes.backUp();
  const drawn = await holdfast(['drill', '--random', '--json']);
  expect(drawn.code, drawn.stdout).toBe(0);
  expect(drawn.json().at(-1)).toMatchObject({ outcome: 'proven', id: older });
  const dry = await holdfast(['drill', 'notes', '--random', '--dry-run', '--json']);
  expect(dry.json().at(-1)).toMatchObject({ dryRun: true, backup: older });
  expect((await holdfast(['drill', 'notes', 'latest', '--random'])).code).toBe(2);
});
