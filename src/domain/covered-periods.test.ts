import { expect, it } from 'vitest';
import { coveredPeriods } from './covered-periods.ts';

function covered(timeZone: string, ...moments: readonly string[]): readonly number[] {
  const times = moments.map((moment) => new Date(moment));
  const { days, weeks, months, years } = coveredPeriods(times, timeZone);
  return [days, weeks, months, years];
}

it('counts each day, week, month and year once', () => {
  expect(covered('UTC')).toEqual([0, 0, 0, 0]);
  expect(covered('UTC', '2026-11-21T02:00Z', '2026-11-21T20:00Z')).toEqual([1, 1, 1, 1]);
  // Sunday and Monday are of two weeks; 31 December 2026 and 1 January 2027 of one.
  expect(covered('UTC', '2026-11-22T23:59Z', '2026-11-23T00:00Z')).toEqual([2, 2, 1, 1]);
  expect(covered('UTC', '2026-12-31T12:00Z', '2027-01-01T12:00Z')).toEqual([2, 1, 2, 2]);
});

it('days are those of the zone', () => {
  const around = ['2026-12-31T22:30Z', '2026-12-31T23:30Z'] as const;
  expect(covered('UTC', ...around)).toEqual([1, 1, 1, 1]);
  expect(covered('Europe/Berlin', ...around)).toEqual([2, 1, 2, 2]);
});
