import { describe, expect, it } from 'vitest';
import { findOrTrap, parseSchedule } from './schedule-text.ts';
import type { Schedule, ScheduleRule } from './schedule.ts';

function parsed(text: string): Schedule {
  const result = parseSchedule(text, 'Europe/Berlin');
  if (!result.ok) throw new Error(result.problem);
  return result.schedule;
}

function problem(text: string): string {
  const result = parseSchedule(text, 'UTC');
  return result.ok ? 'accepted' : result.problem;
}

const evenHours = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22];

describe('words', () => {
  it.each<[string, Partial<ScheduleRule>]>([
    ['daily 02:00', { hours: [2], minutes: [0], monthDays: null, weekdays: null }],
    ['every day at 2:05', { hours: [2], minutes: [5] }],
    ['every 6h', { hours: [0, 6, 12, 18], minutes: [0] }],
    ['every 2 hours', { hours: evenHours }],
    ['every 15m', { minutes: [0, 15, 30, 45] }],
    ['hourly', { minutes: [0] }],
    ['sunday 04:00', { weekdays: [0], hours: [4] }],
    ['Sundays at 04:00', { weekdays: [0], hours: [4] }],
    ['weekly wed 23:59', { weekdays: [3], hours: [23], minutes: [59] }],
    ['mon,thu 04:00', { weekdays: [1, 4] }],
    ['weekdays 12:00', { weekdays: [1, 2, 3, 4, 5] }],
    ['first sunday 04:00', { weekdays: [0], monthDays: [1, 2, 3, 4, 5, 6, 7], days: 'both' }],
    ['3rd tuesday 04:00', { weekdays: [2], monthDays: [15, 16, 17, 18, 19, 20, 21] }],
    ['monthly 04:00', { monthDays: [1] }],
    ['monthly 15 04:00', { monthDays: [15] }],
  ])('"%s" is read', (text, rule) => {
    expect(parsed(text)).toMatchObject({ rule, timeZone: 'Europe/Berlin' });
  });

  it.each([
    ['daily', 'has no time of day: add one, such as 02:00'],
    ['daily 25:00', '25:00 is not a time of day'],
    ['every 7h', 'does not divide a day into equal parts'],
    ['every 24h', 'does not divide a day'],
    ['every 50m', 'does not divide an hour'],
    ['someday 02:00', 'is not understood'],
    ['monthly 31 02:00', 'is not understood'],
    ['last sunday 02:00', 'is not understood'],
    ['', 'is not understood'],
    ['daily 02:00 Europe/Berlim', 'no time zone is called Europe/Berlim'],
  ])('"%s" is refused', (text, says) => {
    expect(problem(text)).toContain(says);
  });
});

describe('cron expressions', () => {
  it.each<[string, Partial<ScheduleRule>]>([
    ['0 2 * * *', { hours: [2], minutes: [0], monthDays: null, months: null, weekdays: null }],
    ['*/20 */12 * * *', { minutes: [0, 20, 40], hours: [0, 12] }],
    ['5,10-12 1-9/4 1 jan,Jul 7', { minutes: [5, 10, 11, 12], hours: [1, 5, 9], months: [1, 7], weekdays: [0] }],
    ['0 4 * * sun-tue', { weekdays: [0, 1, 2] }],
    ['0 4 * * 5-7', { weekdays: [0, 5, 6] }],
    ['0 4 */2 * 0', { days: 'both', weekdays: [0] }],
    ['0 4 1-7 * 0', { days: 'either' }],
    ['@daily', { hours: [0], minutes: [0] }],
  ])('"%s" is read', (text, rule) => {
    expect(parsed(text).rule).toMatchObject(rule);
  });

  it.each([
    ['0 2 * *', 'not five fields'],
    ['0 0 2 * * *', 'not five fields'],
    ['60 2 * * *', '"60" is no minute (0 to 59)'],
    ['0 24 * * *', '"24" is no hour'],
    ['0 2 0 * *', 'no day of the month'],
    ['0 2 5-1 * *', 'no day of the month'],
    ['0 2 * * 8', 'no day of the week'],
    ['0 2 L * *', 'no day of the month'],
    ['0 2 * * 0#1', 'no day of the week'],
    ['*/0 2 * * *', 'no minute'],
    ['5/15 * * * *', 'has a step without a range: write 5-59/15'],
    ['0 2 30 2 *', 'never happens'],
    ['@reboot', 'not five fields'],
  ])('"%s" is refused', (text, says) => {
    expect(problem(text)).toContain(says);
  });
});

it('a zone behind a schedule is its own', () => {
  expect(parsed('daily 02:00 UTC')).toMatchObject({ written: 'daily 02:00', timeZone: 'UTC' });
  expect(parsed('0 2 * * *  America/New_York')).toMatchObject({ written: '0 2 * * *', timeZone: 'America/New_York' });
});

it('the trap of the two kinds of days is seen, and what was meant is offered', () => {
  const trap = findOrTrap(parsed('0 4 1-7 * 0'));
  expect(trap?.message).toContain('it runs on days 1 to 7 of the month and on every Sunday besides');
  expect(trap?.meant).toBe('first sunday 04:00');
  expect(findOrTrap(parsed('30 4 8-14 * mon'))?.meant).toBe('second monday 04:30');
  expect(findOrTrap(parsed('0 4 1,15 * 0'))?.meant).toBeNull();
  for (const text of ['first sunday 04:00', '0 4 */2 * 0', '0 4 1-7 * *', '0 4 * * 0']) {
    expect(findOrTrap(parsed(text))).toBeNull();
  }
});
