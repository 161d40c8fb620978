/** Rates, ages, times and counts in words; sizes and durations are `domain/amounts.ts`. */

import { relative, sep } from 'node:path';
import { formatBytes } from '../../domain/amounts.ts';

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `just now`, `5 min ago`, `3 h ago`, `12 days ago`. */
export function formatAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${String(minutes)} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} h ago` : `${String(Math.floor(hours / 24))} days ago`;
}

/** `2026-11-21 03:00:00 Europe/Berlin` without its zone: `2026-11-21 03:00:00`. */
export function formatTime(time: Date, timeZone: string): string {
  // Swedish dates are ISO 8601 with a blank.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone }).format(time);
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 table`, `26 tables`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Text from elsewhere (names, messages of servers) without what could steer a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, '\u{FFFD}');
}

/** A path inside the present folder as people type it: `./backups/app`; any other as it is. */
export function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  const isInside = short !== '' && short !== '..' && !short.startsWith(`..${sep}`);
  return printable(isInside ? `.${sep}${short}` : path);
}
