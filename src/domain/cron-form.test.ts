import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronForm, inUtc, standardTime } from './cron-form.ts';
import { readCron } from './schedule-cron.ts';
import { parseSchedule } from './schedule-text.ts';
import { nextRun, type Schedule, type ScheduleRule } from './schedule.ts';

function schedule(text: string): Schedule {
  const result = parseSchedule(text, 'UTC');
  if (!result.ok) throw new Error(result.problem);
  return result.schedule;
}

function utcFields(text: string, then: string): string | null {
  const rule = inUtc(schedule(text), new Date(then));
  return rule === null ? null : cronForm(rule).fields;
}

it('what cron can say stands in the fields; of two kinds of days that must both match one is left to be asked', () => {
  const form = (text: string): unknown => Object.values(cronForm(schedule(text).rule));
  expect(form('daily 02:00')).toEqual(['0 2 * * *', null]);
  expect(form('every 6h')).toEqual(['0 */6 * * *', null]);
  expect(form('every 15m')).toEqual(['*/15 * * * *', null]);
  expect(form('first sunday 04:00')).toEqual(['0 4 1-7 * *', [0]]);
  expect(form('0 4 1-7 * 0')).toEqual(['0 4 1-7 * 0', null]);
  expect(form('0 4 */2 * 1')).toEqual([`0 4 ${oddDays} * *`, [1]]);
  expect(form('1,2,5 4 * 3-5,12 6')).toEqual(['1,2,5 4 * 3-5,12 6', null]);
});

const oddDays = Array.from({ length: 16 }, (_, index) => index * 2 + 1).join(',');

const values = (from: number, to: number): fc.Arbitrary<readonly number[]> =>
  fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1 }).map((all) => all.toSorted((a, b) => a - b));
const rules: fc.Arbitrary<ScheduleRule> = fc.record({
  minutes: values(0, 59),
  hours: values(0, 23),
  monthDays: fc.option(values(1, 28)),
  months: fc.option(values(1, 12)),
  weekdays: fc.option(values(0, 6)),
  days: fc.constantFrom('both', 'either'),
});

it('cron reads back what was written', () => {
  fc.assert(
    fc.property(rules, (rule) => {
      const { fields, askedWeekdays } = cronForm(rule);
      const read = readCron(fields);
      if (!read.ok) throw new Error(read.problem);
      const weekdays = askedWeekdays ?? read.rule.weekdays;
      const isEither = rule.days === 'either' && rule.monthDays !== null && rule.weekdays !== null;
      expect({ ...read.rule, weekdays, days: 'both' }).toEqual({ ...rule, days: 'both' });
      if (isEither) expect(read.rule.days).toBe('either');
    }),
  );
});

describe('in UTC', () => {
  it.each([
    ['daily 02:00 Europe/Berlin', '2027-01-10T00:00Z', '0 1 * * *'],
    ['daily 02:00 Europe/Berlin', '2027-07-10T00:00Z', '0 0 * * *'],
    ['sunday 00:30 Europe/Berlin', '2027-01-10T00:00Z', '30 23 * * 6'],
    ['saturday 22:00 America/New_York', '2027-01-10T00:00Z', '0 3 * * 0'],
    ['daily 02:00 Asia/Kolkata', '2027-01-10T00:00Z', '30 20 * * *'],
    ['every 15m Asia/Kolkata', '2027-01-10T00:00Z', '*/15 * * * *'],
    ['first sunday 04:00 Europe/Berlin', '2027-01-10T00:00Z', '0 3 1-7 * *'],
    ['first sunday 00:30 Europe/Berlin', '2027-01-10T00:00Z', null],
    ['monthly 20:00 America/New_York', '2027-01-10T00:00Z', null],
    ['0 0,12 * * 0 Europe/Berlin', '2027-01-10T00:00Z', null],
    ['first sunday 00:30 UTC', '2027-01-10T00:00Z', '30 0 1-7 * *'],
  ])('%s at %s is %s', (text, then, fields) => {
    expect(utcFields(text, then)).toBe(fields);
  });

  it('a rule that can be said runs at the same moment', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata');
    fc.assert(
      fc.property(rules, zones, (rule, timeZone) => {
        const winter = new Date('2027-01-12T00:00Z');
        const utc = inUtc({ written: '', rule, timeZone }, winter);
        const expected = nextRun({ rule, timeZone }, winter);
        if (utc === null || expected === null || expected.getTime() > winter.getTime() + 20 * 86_400_000) return;
        expect(nextRun({ rule: utc, timeZone: 'UTC' }, winter)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('standard time is that of the winter, also south of the equator', () => {
    const now = new Date('2026-11-21T00:00Z');
    expect(standardTime('Europe/Berlin', now).toISOString()).toBe('2026-01-01T00:00:00.000Z');
    expect(standardTime('Australia/Sydney', now).toISOString()).toBe('2026-07-01T00:00:00.000Z');
  });
});
