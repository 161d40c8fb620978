/** Crontab lines: their tests are asked in a real shell, minute by minute, against the schedule's own next run. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crontab } from '../../../src/cli/export/cron.ts';
import { cronLine } from '../../../src/cli/export/cron-line.ts';
import { nextRun } from '../../../src/domain/schedule.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { planOf, scheduleOf } from './plan.ts';
import { putDate, runShell } from '../../harness/shell.ts';

const now = new Date('2026-11-21T12:00:00Z');
let directory: TestDirectory;

beforeAll(async () => {
  directory = await makeTestDirectory('cron');
  await putDate(directory.path);
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

function lineOf(text: string, timeZone = 'UTC'): string {
  return cronLine({ schedule: scheduleOf(text, timeZone), timeZone, now, command: 'echo due' });
}

/** As cron does it: a backslash before a percent sign goes, and the five fields. */
function isDue(line: string, moment: string, timeZone: string): boolean {
  const command = line.split(' ').slice(5).join(' ').replaceAll(String.raw`\%`, '%');
  return runShell(['/bin/sh', '-c'], command, directory.path, { NOW: moment, TZ: timeZone }).output === 'due\n';
}

test('what cron can say is five fields and nothing else', () => {
  expect(lineOf('daily 02:00')).toBe('0 2 * * * echo due');
  expect(lineOf('every 6h')).toBe('0 */6 * * * echo due');
  expect(lineOf('0 4 1-7 * 0')).toBe('0 4 1-7 * 0 echo due');
});

describe('the first Sunday', () => {
  const line = lineOf('first sunday 04:00');

  test('stands as days of the month, and a test of the weekday before the command', () => {
    expect(line).toBe(String.raw`0 4 1-7 * * [ "$(date +\%u)" = 7 ] && echo due`);
  });

  test.each([
    ['2026-12-06T04:00Z', true],
    ['2026-12-05T04:00Z', false],
    ['2026-12-07T04:00Z', false],
  ])('at %s is due: %s', (moment, due) => {
    expect(isDue(line, moment, 'UTC')).toBe(due);
  });

  test('of several weekdays each is due', () => {
    const both = cronLine({
      schedule: {
        ...scheduleOf('first sunday 04:00'),
        rule: { ...scheduleOf('first sunday 04:00').rule, weekdays: [0, 3] },
      },
      timeZone: 'UTC',
      now,
      command: 'echo due',
    });
    expect(isDue(both, '2026-12-06T04:00Z', 'UTC')).toBe(true);
    expect(isDue(both, '2026-12-02T04:00Z', 'UTC')).toBe(true);
    expect(isDue(both, '2026-12-03T04:00Z', 'UTC')).toBe(false);
  });
});

test.each([
  'daily 02:00 Europe/Berlin',
  'first sunday 00:30 Europe/Berlin',
  'every 6h America/New_York',
  'sunday 23:45 Asia/Kolkata',
  '15 4 1,15 6,12 * Europe/Berlin',
  '0 4 1-7 * 0 America/New_York',
  'every 30m Asia/Kolkata',
])('by the clock of another zone "%s" is due when it should be, and at no other start of the line', (text) => {
  const schedule = scheduleOf(text);
  for (const machine of ['UTC', 'Australia/Adelaide']) {
    const line = cronLine({ schedule, timeZone: machine, now, command: 'echo due' });
    const due = nextRun(schedule, now) ?? now;
    for (const shiftMinutes of [0, -60, 60, 24 * 60]) {
      const moment = new Date(due.getTime() + shiftMinutes * 60_000);
      const isIt = nextRun(schedule, new Date(moment.getTime() - 1))?.getTime() === moment.getTime();
      const what = `${line} at ${moment.toISOString()}`;
      expect([what, isDue(line, moment.toISOString(), machine)]).toEqual([what, isIt]);
    }
    const minute = new Intl.DateTimeFormat('en', { minute: 'numeric', timeZone: machine }).format(due);
    expect(line.split(' ')[0]?.split(',')).toContain(minute);
  }
});

test('paths stand as they are, with quotes and percent signs kept from the shell and from cron', () => {
  const folder = "/srv/it's 100%";
  const text = crontab(planOf({ backup: 'daily 02:00' }, { folder, variables: [['HOLDFAST_STATE_DIR', '/x y']] }));
  expect(text).toContain(
    `0 2 * * * cd '/srv/it'\\''s 100\\%' && HOLDFAST_STATE_DIR='/x y' ${process.execPath} /usr/local/bin/holdfast backup shop --quiet >>/var/lib/holdfast/cron.log\n`,
  );
  expect(() => crontab(planOf({ backup: 'daily 02:00' }, { folder: '/srv/a\nb' }))).toThrow(/line break/);
});
