/**
 * Times as people write them. Without `Z` or an offset a time is read in a named zone; one that a clock change makes
 * double, or skips, is refused rather than guessed.
 */

import { domainErrors } from './errors.ts';
import { momentsShowing } from './time-zone.ts';

const form = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** `2026-11-20`, `2026-11-20T14:30`, `2026-11-20 14:30:05+01:00`. Throws `bad-time` and `ambiguous-time`. */
export function parseMoment(text: string, timeZone: string): Date {
  const parts = form.exec(text.trim());
  if (parts === null) throw domainErrors.make('bad-time', `"${text}" is not a time`);
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = parts;
  const wall = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`);
  const isReal = !Number.isNaN(wall.getTime()) && wall.toISOString().startsWith(`${year}-${month}-${day}T${hour}`);
  if (!isReal) throw domainErrors.make('bad-time', `"${text}" is not a time that exists`);
  return zone === undefined ? inZone(wall, timeZone, text) : new Date(wall.getTime() - offsetMs(zone, text));
}

/** RFC 3339, 5.6: up to 23 hours and 59 minutes. */
function offsetMs(zone: string, text: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, remainder] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 23 || remainder > 59) throw domainErrors.make('bad-time', `"${text}" is not a time that exists`);
  const minutes = hours * 60 + remainder;
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** `wall` holds the clock's digits as if they were UTC. */
function inZone(wall: Date, timeZone: string, text: string): Date {
  const [time, second] = momentsShowing(wall.getTime(), timeZone);
  if (time !== undefined && second === undefined) return time;
  const why = time === undefined ? 'does not exist: the clocks skip it' : 'exists twice: the clocks go back then';
  throw domainErrors.make('ambiguous-time', `${text} in ${timeZone} ${why}`);
}
