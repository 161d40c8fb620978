/** Schedules in words: `daily 02:00`, `every 6h`, `sunday 04:00`, `first sunday 04:00`, `monthly 15 03:00`. */

import { everyDay, type ReadSchedule, type ScheduleRule } from './schedule.ts';

export const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export const ordinalNames = ['first', 'second', 'third', 'fourth'] as const;

type Days = Partial<Pick<ScheduleRule, 'monthDays' | 'weekdays'>>;

export function readWords(text: string): ReadSchedule {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== 'at' && word !== 'on');
  const interval = readInterval(words.join(' '));
  if (interval !== null) return interval;
  const time = /^(\d{1,2}):(\d{2})$/.exec(words[words.length - 1] ?? '');
  const days = readDays(words.slice(0, time === null ? undefined : -1));
  if (days === null) return { ok: false, problem: `"${text}" is not understood` };
  if (time === null) return { ok: false, problem: `"${text}" has no time of day: add one, such as 02:00` };
  const [hour, minute] = [Number(time[1]), Number(time[2])];
  if (hour > 23 || minute > 59) return { ok: false, problem: `${time[0]} is not a time of day` };
  return { ok: true, rule: { ...everyDay, minutes: [minute], hours: [hour], ...days } };
}

/** `hourly`, `every 6h`, `every 15 minutes`. Null for anything else. */
function readInterval(text: string): ReadSchedule | null {
  const parts = text === 'hourly' ? ['', '1', 'h'] : /^every (?:(\d{1,2}) ?)?(m|min|minutes?|h|hours?)$/.exec(text);
  if (parts === null) return null;
  const count = Number(parts[1] ?? 1);
  const isHours = parts[2]?.startsWith('h') === true;
  const whole = isHours ? 24 : 60;
  if (count < 1 || whole % count !== 0 || count === whole) {
    const unit = isHours ? 'day' : 'hour';
    return { ok: false, problem: `"${text}" does not divide a${isHours ? '' : 'n'} ${unit} into equal parts` };
  }
  const steps = (to: number, step: number): readonly number[] => range(to).filter((value) => value % step === 0);
  const [minutes, hours] = isHours ? [[0], steps(24, count)] : [steps(60, count), range(24)];
  return { ok: true, rule: { ...everyDay, minutes, hours } };
}

const namedDays: Readonly<Record<string, Days>> = {
  daily: {},
  'every day': {},
  weekdays: { weekdays: [1, 2, 3, 4, 5] },
  weekly: { weekdays: [0] },
  monthly: { monthDays: [1] },
};

function readDays(words: readonly string[]): Days | null {
  const named = namedDays[words.join(' ')];
  if (named !== undefined) return named;
  const [first = '', second, third] = words;
  if (third !== undefined) return null;
  if (second === undefined) return readWeekdays(first);
  if (first === 'every' || first === 'weekly') return readWeekdays(second);
  if (first === 'monthly') return readMonthDay(second);
  return readOrdinal(first, second);
}

/** `sunday`, `mon,thu`. */
function readWeekdays(text: string): Days | null {
  const days = text.split(',').map(weekdayOf);
  if (days.includes(-1)) return null;
  return { weekdays: [...new Set(days)].toSorted((one, other) => one - other) };
}

/** Months differ in their last days: the 28th is the last one that each has. */
function readMonthDay(text: string): Days | null {
  const day = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return day >= 1 && day <= 28 ? { monthDays: [day] } : null;
}

function readOrdinal(ordinal: string, weekday: string): Days | null {
  const numbers: readonly string[] = ['1st', '2nd', '3rd', '4th'];
  const names: readonly string[] = ordinalNames;
  const week = Math.max(names.indexOf(ordinal), numbers.indexOf(ordinal));
  const day = weekdayOf(weekday);
  if (week < 0 || day < 0) return null;
  return { weekdays: [day], monthDays: range(7).map((index) => week * 7 + index + 1) };
}

/** -1 when it is none. `sun`, `sunday` and `sundays` are one. */
function weekdayOf(text: string): number {
  return weekdayNames.findIndex((name) => text === name || text === `${name}s` || text === name.slice(0, 3));
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
