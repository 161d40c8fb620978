/** Reads a schedule as people write it: words or five cron fields, and perhaps a zone behind them. */

import { looksLikeCron, readCron } from './schedule-cron.ts';
import { ordinalNames, readWords, weekdayNames } from './schedule-words.ts';
import type { Schedule, ScheduleRule } from './schedule.ts';
import { isTimeZone } from './time-zone.ts';

export type ParsedSchedule =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly problem: string };

/** `daily 02:00`, `0 2 * * * UTC`, `sunday 04:00 Europe/Berlin`. Without a zone it runs by the clock of `timeZone`. */
export function parseSchedule(text: string, timeZone: string): ParsedSchedule {
  const [, before, last = ''] = /^(.*\S)\s+(\S+)$/s.exec(text.trim()) ?? [];
  const hasZone = before !== undefined && /^(?:UTC|GMT|[A-Z]\w+\/\S+)$/i.test(last) && !/^[\d*]/.test(last);
  if (hasZone && !isTimeZone(last)) return { ok: false, problem: `no time zone is called ${last}` };
  const written = (hasZone ? before : text).trim().replaceAll(/\s+/g, ' ');
  const read = looksLikeCron(written) ? readCron(written) : readWords(written);
  if (!read.ok) return read;
  return { ok: true, schedule: { written, rule: read.rule, timeZone: hasZone ? last : timeZone } };
}

export interface OrTrap {
  readonly message: string;
  /** In words, what was probably meant; null when words cannot say it. */
  readonly meant: string | null;
}

/** cron runs `0 4 1-7 * 0` on the first seven days and on every Sunday. Null for schedules without that trap. */
export function findOrTrap({ written, rule }: Schedule): OrTrap | null {
  const { monthDays, weekdays, days } = rule;
  if (days !== 'either' || monthDays === null || weekdays === null) return null;
  const names = weekdays.map((day) => capital(weekdayNames[day] ?? '')).join(', ');
  const message = `"${written}" means "or": it runs on days ${daysText(monthDays)} of the month and on every ${names} besides`;
  return { message, meant: ordinalWords(rule) };
}

function ordinalWords({ minutes, hours, monthDays, months, weekdays }: ScheduleRule): string | null {
  const isPlain = months === null && minutes.length === 1 && hours.length === 1 && weekdays?.length === 1;
  const ordinal = ordinalOf(monthDays ?? []);
  if (!isPlain || ordinal === null) return null;
  return `${ordinal} ${weekdays.map((day) => weekdayNames[day]).join('')} ${hours.map(twoDigits).join('')}:${minutes.map(twoDigits).join('')}`;
}

/** `first` for 1 to 7, `second` for 8 to 14, …; null for other days. */
function ordinalOf(days: readonly number[]): string | null {
  const [first = 0] = days;
  const isWeek = days.length === 7 && days[6] === first + 6 && (first - 1) % 7 === 0;
  return isWeek ? (ordinalNames[(first - 1) / 7] ?? null) : null;
}

function daysText(days: readonly number[]): string {
  const [first = 0] = days;
  const last = days.at(-1) ?? 0;
  const isRange = days.length > 2 && last - first === days.length - 1;
  return isRange ? `${String(first)} to ${String(last)}` : days.join(', ');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
