/**
 * The five fields of a crontab line (crontab(5) of Vixie cron, as Debian has it): lists, ranges, steps, names. Two
 * restricted kinds of days mean `either` there, unless one of the fields begins with `*`.
 */

import { nextRun, type ReadSchedule, type ScheduleRule } from './schedule.ts';

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const macros: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}

const fields: readonly [Field, Field, Field, Field, Field] = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of the month', from: 1, to: 31, words: [] },
  { name: 'month', from: 1, to: 12, words: monthNames },
  // 7 is Sunday as well as 0.
  { name: 'day of the week', from: 0, to: 7, words: dayNames },
];

export function looksLikeCron(text: string): boolean {
  return /^(?:@|[\d*][\d*,/-]*(?:\s|$))/.test(text);
}

export function readCron(text: string): ReadSchedule {
  const parts = (macros[text.toLowerCase()] ?? text).split(/\s+/);
  if (parts.length !== 5) return wrong(`"${text}" is not five fields: minute, hour, day, month, day of the week`);
  const read: (readonly number[])[] = [];
  for (const [index, field] of fields.entries()) {
    const values = readField(parts[index] ?? '', field);
    if (typeof values === 'string') return wrong(values);
    read.push(values);
  }
  const rule = ruleOf(parts, read);
  const never = nextRun({ rule, timeZone: 'UTC' }, new Date(0)) === null;
  return never ? wrong(`"${text}" never happens: no year has such a day`) : { ok: true, rule };
}

function ruleOf(parts: readonly string[], read: readonly (readonly number[])[]): ScheduleRule {
  const valuesOf = (index: number): readonly number[] => read[index] ?? [];
  const restricted = (index: number): readonly number[] | null => (parts[index] === '*' ? null : valuesOf(index));
  const hasStar = parts[2]?.startsWith('*') === true || parts[4]?.startsWith('*') === true;
  const weekdays = restricted(4);
  return {
    minutes: valuesOf(0),
    hours: valuesOf(1),
    monthDays: restricted(2),
    months: restricted(3),
    weekdays: weekdays === null ? null : sorted(weekdays.map((day) => day % 7)),
    days: hasStar ? 'both' : 'either',
  };
}

/** The numbers, or what is wrong. */
function readField(text: string, field: Field): readonly number[] | string {
  const found: number[] = [];
  for (const part of text.split(',')) {
    const range = readRange(part, field);
    if (typeof range === 'string') return range;
    for (let value = range.from; value <= range.to; value += range.step) found.push(value);
  }
  return sorted(found);
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** `*`, `5`, `1-5`, each but a single number with a step: `0-30/10`. */
function readRange(part: string, field: Field): Range | string {
  const parts = /^(\*|\w+)(-\w+)?(\/\d+)?$/.exec(part);
  const step = Number(parts?.[3]?.slice(1) ?? 1);
  const ends = parts === null ? null : endsOf(parts[1] ?? '', parts[2]?.slice(1) ?? null, field);
  if (ends === null || step < 1) {
    return `"${part}" is no ${field.name} (${String(field.from)} to ${String(field.to)})`;
  }
  if (/^\w+\//.test(part)) {
    return `"${part}" has a step without a range: write ${part.replace('/', `-${String(field.to)}/`)}`;
  }
  return { ...ends, step };
}

function endsOf(first: string, last: string | null, field: Field): Pick<Range, 'from' | 'to'> | null {
  // `*` of the days of the week is seven days, not eight.
  if (first === '*') return last === null ? { from: field.from, to: field.to === 7 ? 6 : field.to } : null;
  const from = numberOf(first, field);
  const to = last === null ? from : numberOf(last, field);
  return from === null || to === null || from > to ? null : { from, to };
}

function numberOf(text: string, { from, to, words }: Field): number | null {
  const named = words.indexOf(text.toLowerCase());
  if (named >= 0) return named + from;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= from && value <= to ? value : null;
}

function sorted(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((one, other) => one - other);
}

function wrong(problem: string): ReadSchedule {
  return { ok: false, problem };
}
