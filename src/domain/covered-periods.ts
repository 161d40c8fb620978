/** How far back backups reach, in the periods that retention counts: in how many of each is there one? */

import { makeCalendar } from './retention/calendar.ts';
import type { KeepClass } from './retention/keep-rules.ts';

/** How many different days, ISO 8601 weeks, months and years hold at least one of the moments. */
export interface CoveredPeriods {
  readonly days: number;
  readonly weeks: number;
  readonly months: number;
  readonly years: number;
}

export function coveredPeriods(moments: readonly Date[], timeZone: string): CoveredPeriods {
  const periodOf = makeCalendar(timeZone);
  const count = (keepClass: KeepClass): number =>
    new Set(moments.map((moment) => periodOf(moment.getTime(), keepClass))).size;
  return { days: count('daily'), weeks: count('weekly'), months: count('monthly'), years: count('yearly') };
}
