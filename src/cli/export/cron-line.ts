/**
 * Lines of a crontab. cron runs by the clock of the machine, and takes two kinds of days for "or": what it cannot say stands
 * as a test before the command. A `%` is a new line to cron unless a backslash stands before it.
 */

import { cronForm } from '../../domain/cron-form.ts';
import { isHourly, meansEither, type Schedule, type ScheduleRule } from '../../domain/schedule.ts';
import { isSameZone, zoneOffsetMs } from '../../domain/time-zone.ts';
import { requestErrors } from '../../requests/errors.ts';
import { weekdayTest } from './weekday-guard.ts';

export interface CronLineFacts {
  readonly schedule: Schedule;
  /** Of the machine. */
  readonly timeZone: string;
  readonly now: Date;
  /** A line for /bin/sh, with plain `%`. */
  readonly command: string;
}

export function cronLine({ schedule, timeZone, now, command }: CronLineFacts): string {
  if (/[\n\r]/.test(command)) throw requestErrors.make('usage', 'a path with a line break cannot stand in a crontab');
  const escaped = command.replaceAll('%', '\\%');
  if (!isSameZone(schedule.timeZone, timeZone)) return otherZone(schedule, timeZone, now, escaped);
  const { fields, askedWeekdays } = cronForm(schedule.rule);
  const guard = askedWeekdays === null ? '' : `${weekdayTest(askedWeekdays, '\\%')} && `;
  return `${fields} ${guard}${escaped}`;
}

/** cron starts a test at each hour that may be the one, and the test asks the clock of the other zone. */
function otherZone({ rule, timeZone: zone }: Schedule, machine: string, now: Date, command: string): string {
  const year = now.getUTCFullYear();
  const shifts = [0, 6].map((month) => {
    const then = new Date(Date.UTC(year, month, 1));
    return (zoneOffsetMs(then, machine) - zoneOffsetMs(then, zone)) / 60_000;
  });
  const minutes = shifts.flatMap((shift) => rule.minutes.map((minute) => (((minute + shift) % 60) + 60) % 60));
  const distinct = [...new Set(minutes)].toSorted((one, other) => one - other);
  const asked = `TZ=${zone} date '+\\%H:\\%M \\%d \\%m \\%u' | grep -Eqx '${clockPattern(rule)}'`;
  return `${distinct.join(',')} * * * * ${asked} && ${command}`;
}

/** What `date '+%H:%M %d %m %u'` prints when it is time. */
function clockPattern(rule: ScheduleRule): string {
  const hours = isHourly(rule) ? '..' : choice(rule.hours.map(twoDigits));
  const time = `${hours}:${choice(rule.minutes.map(twoDigits))}`;
  const months = rule.months === null ? '..' : choice(rule.months.map(twoDigits));
  const byDate = rule.monthDays === null ? '..' : choice(rule.monthDays.map(twoDigits));
  const byWeekday = rule.weekdays === null ? '.' : choice(rule.weekdays.map((day) => String(day === 0 ? 7 : day)));
  const days = meansEither(rule)
    ? `(${byDate} ${months} .|.. ${months} ${byWeekday})`
    : `${byDate} ${months} ${byWeekday}`;
  return `${time} ${days}`;
}

function choice(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `(${values.join('|')})`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
