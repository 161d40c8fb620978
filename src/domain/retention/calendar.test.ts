import { expect, it } from 'vitest';
import { makeCalendar } from './calendar.ts';

const berlin = makeCalendar('Europe/Berlin');

it('days, months and years begin at midnight of the zone', () => {
  const newYear = Date.parse('2026-12-31T23:30:00Z');
  expect(berlin(newYear, 'daily')).toBe('2027-01-01');
  expect(berlin(newYear, 'monthly')).toBe('2027-01');
  expect(berlin(newYear, 'yearly')).toBe('2027');
  expect(makeCalendar('America/New_York')(newYear, 'daily')).toBe('2026-12-31');
});

it('weeks are those of ISO 8601', () => {
  const utc = makeCalendar('UTC');
  const week = (date: string): string => utc(Date.parse(`${date}T12:00:00Z`), 'weekly');
  expect(['2026-12-31', '2027-01-03', '2027-01-04'].map(week)).toEqual(['2026-W53', '2026-W53', '2027-W01']);
  expect(['2024-12-29', '2024-12-30', '2026-01-01'].map(week)).toEqual(['2024-W52', '2025-W01', '2026-W01']);
});

it('the hour that a clock change repeats is two hours', () => {
  expect(berlin(Date.parse('2026-10-25T00:10:00Z'), 'hourly')).toBe('2026-10-25T02+02:00');
  expect(berlin(Date.parse('2026-10-25T01:10:00Z'), 'hourly')).toBe('2026-10-25T02+01:00');
  expect(makeCalendar('Asia/Kolkata')(Date.parse('2026-10-25T00:10:00Z'), 'hourly')).toBe('2026-10-25T05+05:30');
});
