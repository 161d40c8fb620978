/**
 * When something runs: minutes and hours on certain days, by the clock of a zone. Where that clock changes, a fixed time
 * that it skips runs as much later as it skips, and one that it shows twice runs the first time. A rule for every hour
 * follows real time instead: it runs in the doubled hour as well, and never twice at once.
 */

import { momentsShowing, wallMs, zoneOffsetMs } from './time-zone.ts';

/** Lists ascend; null is any. */
export interface ScheduleRule {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly monthDays: readonly number[] | null;
  /** 1 to 12. */
  readonly months: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | null;
  /** What a day must be when `monthDays` and `weekdays` are both given. cron(8) means `either`. */
  readonly days: 'both' | 'either';
}

/** The rule, or what is wrong with what was written. */
export type ReadSchedule =
  | { readonly ok: true; readonly rule: ScheduleRule }
  | { readonly ok: false; readonly problem: string };

export interface Schedule {
  /** As a person wrote it, without the zone. */
  readonly written: string;
  readonly rule: ScheduleRule;
  /** IANA name. */
  readonly timeZone: string;
}

export const everyDay: Pick<ScheduleRule, 'monthDays' | 'months' | 'weekdays' | 'days'> = {
  monthDays: null,
  months: null,
  weekdays: null,
  days: 'both',
};

const dayMs = 86_400_000;
/** 29 February falls out once in a century: eight years hold every day there is. */
const horizonMs = 8.1 * 366 * dayMs;

/** The first moment after this one; null when there is none: 30 February. */
export function nextRun({ rule, timeZone }: Pick<Schedule, 'rule' | 'timeZone'>, after: Date): Date | null {
  // From the day before: a skipped time of it may run only now.
  const from = (Math.floor(wallMs(after, timeZone) / dayMs) - 1) * dayMs;
  for (let day = from; day < from + horizonMs; day += dayMs) {
    if (!isDayOf(rule, new Date(day))) continue;
    const found = momentsOf(rule, day, timeZone).find((moment) => moment > after);
    if (found !== undefined) return found;
  }
  return null;
}

/** True when every hour of a day has the same minutes. */
export function isHourly({ hours }: ScheduleRule): boolean {
  return hours.length === 24;
}

/** `day`: a date in UTC digits. */
function isDayOf(rule: ScheduleRule, day: Date): boolean {
  if (!allows(rule.months, day.getUTCMonth() + 1)) return false;
  const byDate = allows(rule.monthDays, day.getUTCDate());
  const byWeekday = allows(rule.weekdays, day.getUTCDay());
  return meansEither(rule) ? byDate || byWeekday : byDate && byWeekday;
}

/** True when one of two kinds of days is enough. */
export function meansEither({ days, monthDays, weekdays }: ScheduleRule): boolean {
  return days === 'either' && monthDays !== null && weekdays !== null;
}

function allows(values: readonly number[] | null, value: number): boolean {
  return values === null || values.includes(value);
}

function momentsOf(rule: ScheduleRule, day: number, timeZone: string): readonly Date[] {
  const walls = rule.hours.flatMap((hour) => rule.minutes.map((minute) => day + (hour * 60 + minute) * 60_000));
  return walls
    .flatMap((wall) => runsAt(wall, timeZone, isHourly(rule)))
    .toSorted((one, other) => one.getTime() - other.getTime());
}

function runsAt(wall: number, timeZone: string, hourly: boolean): readonly Date[] {
  const moments = momentsShowing(wall, timeZone);
  if (hourly) return moments;
  // The clock is behind by what it skips: read with the offset from before, the time lies as much later.
  return [moments[0] ?? new Date(wall - zoneOffsetMs(new Date(wall - dayMs), timeZone))];
}
