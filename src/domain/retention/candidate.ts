/** What retention needs to know of a backup. */

import type { BackupHold } from '../backup-hold.ts';
import type { Backup, BackupState } from '../backup.ts';

export interface Candidate {
  readonly id: string;
  /** When it was begun: the age of its data. */
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly isWhole: boolean;
  readonly label: string | null;
  readonly state: BackupState;
  /** When the oldest of its marks of damage was written; null without. */
  readonly damageFoundMs: number | null;
  readonly hold: BackupHold;
  /** Why it must stay for another's sake; null when nothing builds on it. */
  readonly neededBy: string | null;
}

export function candidateOf({ manifest, state, hold, marks }: Backup, neededBy: string | null): Candidate {
  const damages = marks.filter((mark) => mark.kind === 'damaged').map(({ time }) => Date.parse(time));
  return {
    id: manifest.id,
    startedMs: Date.parse(manifest.started),
    finishedMs: Date.parse(manifest.finished),
    isWhole: manifest.scope.kind === 'whole',
    label: manifest.label,
    state,
    damageFoundMs: damages.length === 0 ? null : Math.min(...damages),
    hold,
    neededBy,
  };
}

/** Whole and good: what holds a class's place, counts for `last` and `minimum`, and can be the last proven one. */
export function isCounted(candidate: Candidate): boolean {
  return candidate.isWhole && candidate.state !== 'damaged' && candidate.label !== 'safety';
}

/** Not on its way out. */
export function isLive({ hold }: Candidate): boolean {
  return hold.kind !== 'expired';
}

/** Newest first; ids break ties, so that the order never depends on that of the list. */
export function newestFirst(a: Candidate, b: Candidate): number {
  if (a.id === b.id) return 0;
  return b.startedMs - a.startedMs || (a.id < b.id ? 1 : -1);
}
