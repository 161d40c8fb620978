/** Schedules as systemd.time(7) writes them. There the two kinds of days mean "both"; "either" takes two expressions. */

import { isHourly, meansEither, type Schedule, type ScheduleRule } from '../../domain/schedule.ts';
import { isSameZone } from '../../domain/time-zone.ts';

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** One `OnCalendar=` each. `timeZone` is the machine's, which needs no name. */
export function calendarExpressions({ rule, timeZone: zone }: Schedule, timeZone: string): readonly string[] {
  const rules = meansEither(rule)
    ? [
        { ...rule, weekdays: null },
        { ...rule, monthDays: null },
      ]
    : [rule];
  return rules.map((each) => `${expression(each)}${isSameZone(zone, timeZone) ? '' : ` ${zone}`}`);
}

function expression(rule: ScheduleRule): string {
  const weekdays = rule.weekdays === null ? '' : `${rule.weekdays.map((day) => dayNames[day] ?? '').join(',')} `;
  const date = `*-${list(rule.months)}-${list(rule.monthDays)}`;
  return `${weekdays}${date} ${isHourly(rule) ? '*' : list(rule.hours)}:${list(rule.minutes)}:00`;
}

function list(values: readonly number[] | null): string {
  if (values === null) return '*';
  const [first = 0] = values;
  const last = values.at(-1) ?? first;
  const isRun = values.length > 2 && last - first === values.length - 1;
  return isRun ? `${twoDigits(first)}..${twoDigits(last)}` : values.map(twoDigits).join(',');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
