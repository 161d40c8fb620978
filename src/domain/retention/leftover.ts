/** When an unfinished folder may be removed: nobody is writing it any more, or its deletion was begun. */

import type { UnfinishedBackup } from '../backup.ts';
import { deletableFrom, graceMs } from '../backup-hold.ts';
import { formatAge } from './keep-rules.ts';

/** Whether a process on another machine still runs nobody here can see: its folder gets a week. */
export const elsewhereMs = 7 * 24 * 3600 * 1000;

export interface LeftoverVerdict {
  readonly goes: boolean;
  readonly reason: string;
}

export function judgeLeftover(unfinished: UnfinishedBackup, now: Date): LeftoverVerdict {
  const { hold, process, ageMs, idleMs } = unfinished;
  const from = deletableFrom(hold);
  if (from !== null) {
    return now.getTime() >= from.getTime()
      ? { goes: true, reason: 'its deletion was begun and not finished' }
      : { goes: false, reason: `its deletion goes on after ${from.toISOString()}` };
  }
  if (hold.kind === 'pinned') return { goes: false, reason: 'never finished, and pinned' };
  if (process === 'running') return { goes: false, reason: 'it is being made' };
  const limitMs = process === 'dead' ? graceMs : elsewhereMs;
  const whose = process === 'dead' ? 'its process is gone' : 'made elsewhere';
  // Both: a folder that was copied here is younger than its name, a clock that jumped makes it older than it is.
  const quietMs = Math.min(ageMs ?? 0, idleMs ?? 0);
  return quietMs >= limitMs
    ? { goes: true, reason: `never finished, ${whose}, untouched for ${formatAge(limitMs)}` }
    : { goes: false, reason: `never finished, ${whose}, untouched for less than ${formatAge(limitMs)}` };
}
