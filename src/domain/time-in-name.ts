/**
 * The time that a file of somebody's script carries in its name. Scripts write it in every way `date` and JavaScript know:
 * `20261120_020000`, `2026-11-20T02-00-00-000Z`, `20261120020000`, `2026-11-20`, seconds since 1970; and spread over
 * folders: `2026/11/20/`.
 */

import { HoldfastError } from './error.ts';
import { parseMoment } from './moment.ts';

const forms: readonly RegExp[] = [
  // Date and time, in digits with or without something between them.
  /(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})[-_.T ]?(\d{2})[-_.:h]?(\d{2})(?:[-_.:m]?(\d{2}))?(?:[-_.]\d{3}(?=Z|\b|_))?(Z)?(?!\d)/g,
  // A date alone.
  /(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)/g,
];
const folders = /(?:^|\/)(\d{4})\/(\d{2})\/(\d{2})\//;
const epoch = /(?<!\d)(\d{10})(\d{3})?(?!\d)/;
const earliestYear = 1990;
const latestYear = 2100;

/** `path`: relative, with `/`. A time without Z is read in the zone. Null when there is none in the name or its folders. */
export function timeInName(path: string, timeZone: string): Date | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  for (const form of forms) {
    for (const [, year, month, day, hour, minute, second, zone] of name.matchAll(form)) {
      const time = momentOf([year, month, day], [hour, minute, second], zone === undefined ? timeZone : 'UTC');
      if (time !== null) return time;
    }
  }
  return secondsSince1970(name) ?? dateInFolders(path, timeZone);
}

type Digits = readonly (string | undefined)[];

function momentOf(date: Digits, clock: Digits, timeZone: string): Date | null {
  const year = Number(date[0]);
  if (!(year >= earliestYear && year <= latestYear)) return null;
  const [hour = '00', minute = '00', second = '00'] = clock;
  const text = `${date.join('-')}T${hour}:${minute}:${second}`;
  try {
    return parseMoment(text, timeZone);
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    // A time that the clocks skipped or had twice: near enough to tell files apart. Digits that are no time are none.
    return thrown.code === 'ambiguous-time' ? parseMoment(text, 'UTC') : null;
  }
}

function secondsSince1970(name: string): Date | null {
  const [, seconds, rest] = epoch.exec(name) ?? [];
  if (seconds === undefined) return null;
  const time = new Date(Number(seconds) * 1000 + Number(rest ?? 0));
  return time.getUTCFullYear() >= 2001 && time.getUTCFullYear() <= latestYear ? time : null;
}

function dateInFolders(path: string, timeZone: string): Date | null {
  const [, ...date] = folders.exec(path) ?? [];
  return date.length === 0 ? null : momentOf(date, [], timeZone);
}
