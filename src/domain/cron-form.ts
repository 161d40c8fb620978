/**
 * A schedule in the five fields of cron. cron knows no "both" of two kinds of days: such a rule keeps the days of the
 * month in the fields, and the days of the week have to be asked for by whoever is started.
 */

import { meansEither, type Schedule, type ScheduleRule } from './schedule.ts';
import { zoneOffsetMs } from './time-zone.ts';

export interface CronForm {
  readonly fields: string;
  /** 0 is Sunday; null when the fields say it all. */
  readonly askedWeekdays: readonly number[] | null;
}

export function cronForm(rule: ScheduleRule): CronForm {
  const isBoth = rule.monthDays !== null && rule.weekdays !== null && !meansEither(rule);
  const fields = [
    steps(rule.minutes, 60),
    steps(rule.hours, 24),
    // Never as `*/2`: a `*` in front would turn cron's "or" into "and".
    list(rule.monthDays),
    list(rule.months),
    isBoth ? '*' : list(rule.weekdays),
  ];
  return { fields: fields.join(' '), askedWeekdays: isBoth ? rule.weekdays : null };
}

/**
 * The rule by the clock of UTC, with the offset that the zone has then; null when UTC cannot say it, because the day of
 * the month would be another one, or hours and minutes no longer fall apart.
 */
export function inUtc({ rule, timeZone }: Schedule, then: Date): ScheduleRule | null {
  const offsetMinutes = zoneOffsetMs(then, timeZone) / 60_000;
  if (offsetMinutes === 0) return rule;
  const times = rule.hours.flatMap((hour) => rule.minutes.map((minute) => hour * 60 + minute - offsetMinutes));
  const minutes = distinct(times.map((time) => modulo(time, 60)));
  const hours = distinct(times.map((time) => modulo(Math.floor(time / 60), 24)));
  if (minutes.length * hours.length !== times.length) return null;
  const dayShifts = distinct(times.map((time) => Math.floor(time / 1440)));
  const hasDays = rule.monthDays !== null || rule.months !== null;
  const isSameDay = dayShifts.length === 1 && dayShifts[0] === 0;
  if (isSameDay || (!hasDays && rule.weekdays === null)) return { ...rule, minutes, hours };
  const [shift = 0] = dayShifts;
  if (hasDays || dayShifts.length > 1) return null;
  return { ...rule, minutes, hours, weekdays: distinct((rule.weekdays ?? []).map((day) => modulo(day + shift, 7))) };
}

/** The offset outside of summer time, of the year of this moment. */
export function standardTime(timeZone: string, now: Date): Date {
  const year = now.getUTCFullYear();
  const [winter, summer] = [new Date(Date.UTC(year, 0, 1)), new Date(Date.UTC(year, 6, 1))];
  return zoneOffsetMs(winter, timeZone) <= zoneOffsetMs(summer, timeZone) ? winter : summer;
}

function steps(values: readonly number[], whole: number): string {
  if (values.length === whole) return '*';
  const step = whole / values.length;
  const isRegular = values.length > 2 && values.every((value, index) => value === index * step);
  return isRegular ? `*/${String(step)}` : list(values);
}

function list(values: readonly number[] | null): string {
  if (values === null) return '*';
  const runs: { readonly from: number; to: number }[] = [];
  for (const value of values) {
    const last = runs[runs.length - 1];
    const follows = last !== undefined && value - last.to === 1;
    if (follows) last.to = value;
    else runs.push({ from: value, to: value });
  }
  return runs
    .map(({ from, to }) => {
      if (from === to) return String(from);
      return to === from + 1 ? `${String(from)},${String(to)}` : `${String(from)}-${String(to)}`;
    })
    .join(',');
}

function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((one, other) => one - other);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
