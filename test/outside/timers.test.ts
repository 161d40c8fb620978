/** What systemd and cron themselves say of the files written for them. */

import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calendarExpressions } from '../../src/cli/export/systemd-calendar.ts';
import { systemdUnits } from '../../src/cli/export/systemd.ts';
import { nextRun } from '../../src/domain/schedule.ts';
import { runHoldfast } from '../harness/cli.ts';
import { makeNotes, type NotesRepository } from '../harness/notes-repository.ts';
import { planOf, scheduleOf } from '../suites/export/plan.ts';

let notes: NotesRepository;

beforeAll(async () => {
  notes = await makeNotes('timers');
});

afterAll(async () => {
  await notes[Symbol.asyncDispose]();
});

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[]): Ran {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC', SYSTEMD_LOG_LEVEL: 'info' };
  const done = spawnSync(command, args, { encoding: 'utf8', env });
  if (done.error !== undefined) throw done.error;
  return { code: done.status, output: done.stdout + done.stderr };
}

async function verify(folder: string): Promise<Ran> {
  const names = await readdir(folder);
  return run('systemd-analyze', ['verify', '--man=no', ...names.map((name) => join(folder, name))]);
}

describe('systemd', () => {
  test('accepts the units that the command writes', async () => {
    const folder = join(notes.options.cwd, 'units');
    await mkdir(folder);
    const exported = await runHoldfast(['export', 'systemd', '--to', 'units'], notes.options);
    expect(exported.code, exported.stderr).toBe(0);
    expect(await readdir(folder)).toHaveLength(4);
    expect(await verify(folder)).toEqual({ code: 0, output: '' });
  });

  test.each([true, false])('accepts odd paths and every kind of schedule (root: %s)', async (isRoot) => {
    const odd = join(notes.options.cwd, `it's 100% "odd" $HOME \\ ${String(isRoot)}`);
    await mkdir(odd);
    const schedules = { backup: '*/15 * * * *', drill: 'first sunday 04:00 Europe/Berlin', verify: '0 4 1-7 1,3 0' };
    const units = systemdUnits(planOf(schedules, { folder: odd, repository: odd }), { name: 'daemon', isRoot });
    for (const { name, content } of units) await writeFile(join(odd, name), content);
    expect(await verify(odd)).toEqual({ code: 0, output: '' });
    const service = await readFile(join(odd, 'holdfast-backup-shop.service'), 'utf8');
    expect(service).toContain('SuccessExitStatus=3');
  });

  test('would complain', async () => {
    const folder = join(notes.options.cwd, 'bad');
    await mkdir(folder);
    const [unit] = systemdUnits(planOf(), { name: 'daemon', isRoot: false });
    await writeFile(join(folder, 'bad.service'), (unit?.content ?? '').replace('ExecStart=/', 'ExecStart=/nowhere/'));
    expect((await verify(folder)).code).not.toBe(0);
  });

  test.each([
    'daily 02:00',
    'every 6h',
    'every 15m',
    'first sunday 04:00 Europe/Berlin',
    'third wednesday 23:30 America/New_York',
    'monthly 15 03:30 Asia/Kolkata',
    'weekdays 12:00 Europe/Berlin',
    '5,35 */5 * 2,7 *',
    '0 4 1-7 * 0',
  ])('starts "%s" when it is due', (text) => {
    const schedule = scheduleOf(text);
    for (const from of ['2026-11-21T12:00:00Z', '2027-03-20T00:00:00Z']) {
      const base = from.replace('T', ' ').replace('Z', ' UTC');
      const found = calendarExpressions(schedule, 'UTC').map((expression) => {
        const { code, output } = run('systemd-analyze', ['calendar', `--base-time=${base}`, expression]);
        expect(code, output).toBe(0);
        return Date.parse(`${/Next elapse: \w+ (.*) UTC/.exec(output)?.[1]?.replace(' ', 'T') ?? ''}Z`);
      });
      expect(new Date(Math.min(...found)).toISOString()).toBe(nextRun(schedule, new Date(from))?.toISOString());
    }
  });
});

describe('crontab', () => {
  /** Newer ones check with -T, Debian's with -n. Neither changes anybody's crontab. */
  async function check(lines: string): Promise<Ran> {
    const path = join(notes.options.cwd, 'lines');
    await writeFile(path, lines);
    const tested = run('crontab', ['-T', path]);
    return /invalid option|unrecognized/.test(tested.output) ? run('crontab', ['-n', path]) : tested;
  }

  test('accepts the lines that the command prints', async () => {
    const yaml = 'schedule:\n  backup: every 6h\n  drill: first sunday 04:00\n  verify: 30 4 1,15 * 3 Europe/Berlin\n';
    await writeFile(join(notes.options.cwd, 'holdfast.yaml'), yaml);
    const exported = await runHoldfast(['export', 'cron'], notes.options);
    expect(exported.stdout.match(/^\S+ \S+ \S+ \S+ \S+ .*holdfast|main\.ts/gm)?.length).toBeGreaterThanOrEqual(3);
    const checked = await check(exported.stdout);
    expect(checked.code, checked.output).toBe(0);
  });

  test('would complain', async () => {
    expect((await check('0 25 * * * true\n')).code).not.toBe(0);
  });
});
