/** A schedule as GitHub runs it: five fields, by the clock of UTC. */

import { cronForm, inUtc, standardTime } from '../../domain/cron-form.ts';
import type { Schedule } from '../../domain/schedule.ts';
import { zoneOffsetMs } from '../../domain/time-zone.ts';
import { requestErrors } from '../../requests/errors.ts';

export interface GithubCron {
  readonly cron: string;
  /** Days of the week that the job has to ask for itself; null for none. */
  readonly askedWeekdays: readonly number[] | null;
  /** For the head of the file; null when there is nothing to say. */
  readonly note: string | null;
}

/** Throws `usage` for a schedule that UTC cannot say. */
export function githubCron(schedule: Schedule, now: Date): GithubCron {
  const { written, timeZone } = schedule;
  const then = standardTime(timeZone, now);
  const rule = inUtc(schedule, then);
  if (rule === null) {
    throw requestErrors.make(
      'usage',
      `GitHub's clock is UTC, in which "${written}" of ${timeZone} is no single schedule`,
      {
        hint: 'Write the schedule with UTC behind it, for example: first sunday 04:00 UTC.',
      },
    );
  }
  const { fields, askedWeekdays } = cronForm(rule);
  const isUtc = zoneOffsetMs(then, timeZone) === 0;
  const note = isUtc ? null : `${written} of ${timeZone} is "${fields}" in UTC; summer time does not move it.`;
  return { cron: fields, askedWeekdays, note };
}
