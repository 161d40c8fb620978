/** Hours, days, weeks, months and years as the clocks of a time zone show them. */

import { zoneOffsetMs } from '../time-zone.ts';
import type { KeepClass } from './keep-rules.ts';

/** The name of the period a moment falls into: `2026-11-21T02+01:00`, `2026-11-21`, `2026-W47`, `2026-11`, `2026`. */
export type Calendar = (ms: number, keepClass: KeepClass) => string;

const dayMs = 86_400_000;

export function makeCalendar(timeZone: string): Calendar {
  const known = new Map<number, LocalTime>();
  return (ms, keepClass) => {
    const local = known.get(ms) ?? localTime(ms, zoneOffsetMs(new Date(ms), timeZone));
    known.set(ms, local);
    switch (keepClass) {
      case 'hourly':
        // The hour that a clock change repeats is two hours.
        return `${local.text.slice(0, 13)}${offsetText(local.offsetMs)}`;
      case 'daily':
        return local.text.slice(0, 10);
      case 'weekly':
        return isoWeek(local.wall);
      case 'monthly':
        return local.text.slice(0, 7);
      case 'yearly':
        return local.text.slice(0, 4);
    }
  };
}

interface LocalTime {
  /** What the clocks show, as if it were UTC. */
  readonly wall: Date;
  /** The same as ISO 8601. */
  readonly text: string;
  readonly offsetMs: number;
}

function localTime(ms: number, offsetMs: number): LocalTime {
  const wall = new Date(ms + offsetMs);
  return { wall, text: wall.toISOString(), offsetMs };
}

/** ISO 8601: weeks begin on Monday, and a week belongs to the year its Thursday is in. */
function isoWeek(wall: Date): string {
  const weekday = (wall.getUTCDay() + 6) % 7;
  const thursday = new Date(wall.getTime() + (3 - weekday) * dayMs);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs));
  return `${String(year)}-W${String(week).padStart(2, '0')}`;
}

function offsetText(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const digits = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${offsetMs < 0 ? '-' : '+'}${digits}`;
}
