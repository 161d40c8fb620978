import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule-text.ts';
import { nextRun, type Schedule, type ScheduleRule } from './schedule.ts';
import { wallMs } from './time-zone.ts';

function schedule(text: string): Schedule {
  const result = parseSchedule(text, 'UTC');
  if (!result.ok) throw new Error(result.problem);
  return result.schedule;
}

/** The next runs, in UTC. */
function runs(text: string, after: string, count: number): readonly string[] {
  const found: string[] = [];
  let from = new Date(after);
  while (found.length < count) {
    const next = nextRun(schedule(text), from);
    if (next === null) break;
    found.push(next.toISOString().slice(0, 16));
    from = next;
  }
  return found;
}

describe('the next run', () => {
  it('comes after the moment, never at it', () => {
    expect(runs('daily 02:00', '2026-11-21T01:59:59.999Z', 2)).toEqual(['2026-11-21T02:00', '2026-11-22T02:00']);
    expect(runs('daily 02:00', '2026-11-21T02:00:00Z', 1)).toEqual(['2026-11-22T02:00']);
  });

  it('falls on the first Sunday of the month', () => {
    const found = ['2026-12-06T04:00', '2027-01-03T04:00', '2027-02-07T04:00'];
    expect(runs('first sunday 04:00', '2026-11-21T00:00Z', 3)).toEqual(found);
  });

  it('of cron’s two kinds of days falls on either', () => {
    const found = ['2026-11-29T04:00', '2026-12-01T04:00', '2026-12-02T04:00'];
    expect(runs('0 4 1-7 * 0', '2026-11-22T05:00Z', 3)).toEqual(found);
    expect(runs('0 4 */2 * 0', '2026-11-22T05:00Z', 2)).toEqual(['2026-11-29T04:00', '2026-12-13T04:00']);
  });

  it('waits for 29 February over a century without one', () => {
    expect(runs('0 0 29 2 *', '2096-03-01T00:00Z', 1)).toEqual(['2104-02-29T00:00']);
  });
});

describe('where the clocks change', () => {
  it('a fixed time that is skipped runs as much later, once', () => {
    const found = ['2027-03-27T01:30', '2027-03-28T01:30', '2027-03-29T00:30'];
    expect(runs('daily 02:30 Europe/Berlin', '2027-03-27T00:00Z', 3)).toEqual(found);
  });

  it('a fixed time that is doubled runs the first time only', () => {
    const found = ['2026-10-25T00:30', '2026-10-26T01:30'];
    expect(runs('daily 02:30 Europe/Berlin', '2026-10-25T00:00Z', 2)).toEqual(found);
  });

  it('an hourly rule follows real time', () => {
    const autumn = ['2026-10-24T23:00', '2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'];
    expect(runs('hourly Europe/Berlin', '2026-10-24T22:30Z', 4)).toEqual(autumn);
    const spring = ['2027-03-28T00:00', '2027-03-28T01:00', '2027-03-28T02:00'];
    expect(runs('hourly Europe/Berlin', '2027-03-27T23:30Z', 3)).toEqual(spring);
  });

  it('half an hour of summer time moves a run by half an hour', () => {
    expect(runs('daily 02:00 Australia/Lord_Howe', '2026-10-02T00:00Z', 3)).toEqual([
      '2026-10-02T15:30',
      '2026-10-03T15:30',
      '2026-10-04T15:00',
    ]);
  });

  it('a day that the calendar skipped runs on the one after it', () => {
    // Samoa went over the date line: there was no 30 December 2011.
    expect(runs('0 12 30 12 * Pacific/Apia', '2011-12-01T00:00Z', 1)).toEqual(['2011-12-30T22:00']);
  });
});

const values = (from: number, to: number): fc.Arbitrary<readonly number[]> =>
  fc
    .uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 4 })
    .map((all) => all.toSorted(byNumber));
const rules: fc.Arbitrary<ScheduleRule> = fc.record({
  minutes: values(0, 59),
  hours: values(0, 23),
  monthDays: fc.option(values(1, 28)),
  months: fc.option(values(1, 12)),
  weekdays: fc.option(values(0, 6)),
  days: fc.constantFrom('both', 'either'),
});
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
const moments = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });

function byNumber(one: number, other: number): number {
  return one - other;
}

function matches(rule: ScheduleRule, wall: Date): boolean {
  const allows = (list: readonly number[] | null, value: number): boolean => list?.includes(value) ?? true;
  const [byDate, byWeekday] = [allows(rule.monthDays, wall.getUTCDate()), allows(rule.weekdays, wall.getUTCDay())];
  const isEither = rule.days === 'either' && rule.monthDays !== null && rule.weekdays !== null;
  const isTime = rule.minutes.includes(wall.getUTCMinutes()) && rule.hours.includes(wall.getUTCHours());
  return (
    isTime && allows(rule.months, wall.getUTCMonth() + 1) && (isEither ? byDate || byWeekday : byDate && byWeekday)
  );
}

it('the next run is the first minute that matches, in UTC', () => {
  fc.assert(
    fc.property(rules, moments, (rule, after) => {
      const next = nextRun({ rule, timeZone: 'UTC' }, after);
      const limit = Math.min(next?.getTime() ?? Infinity, after.getTime() + 3 * 86_400_000);
      for (let at = Math.floor(after.getTime() / 60_000 + 1) * 60_000; at < limit; at += 60_000) {
        expect(matches(rule, new Date(at))).toBe(false);
      }
      if (next !== null) expect(next > after && matches(rule, next)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('in every zone it lies ahead, and its clock shows a time of the rule unless that is skipped', () => {
  fc.assert(
    fc.property(rules, zones, moments, (rule, timeZone, after) => {
      const next = nextRun({ rule, timeZone }, after);
      if (next === null) return;
      expect(next.getTime()).toBeGreaterThan(after.getTime());
      const wall = new Date(wallMs(next, timeZone));
      const hourBefore = new Date(wall.getTime() - 3_600_000);
      const halfBefore = new Date(wall.getTime() - 1_800_000);
      expect([wall, hourBefore, halfBefore].some((each) => matches(rule, each))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
