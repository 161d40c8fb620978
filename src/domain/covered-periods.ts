/** How far back backups reach, in the periods that retention counts: in how many of each is there one? */

import { wallMs } from './time-zone.ts';

/** How many different days, ISO 8601 weeks, months and years hold at least one of the moments. */
export interface CoveredPeriods {
  readonly days: number;
  readonly weeks: number;
  readonly months: number;
  readonly years: number;
}

export function coveredPeriods(moments: readonly Date[], timeZone: string): CoveredPeriods {
  const walls = moments.map((moment) => new Date(wallMs(moment, timeZone)));
  const count = (keyOf: (wall: Date) => string | number): number => new Set(walls.map(keyOf)).size;
  return {
    days: count(dayNumber),
    // 1 January 1970 was a Thursday, and weeks begin on Monday.
    weeks: count((wall) => Math.floor((dayNumber(wall) + 3) / 7)),
    months: count((wall) => wall.toISOString().slice(0, 7)),
    years: count((wall) => wall.getUTCFullYear()),
  };
}

function dayNumber(wall: Date): number {
  return Math.floor(wall.getTime() / 86_400_000);
}
