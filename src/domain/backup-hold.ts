/**
 * What the marks `pin`, `unpin` and `expired` say together (docs/format.md, section 7). The newest of `pin` and `unpin`
 * says whether a backup is pinned; a tombstone counts unless it is pinned, or a pin or its removal came later: then
 * somebody looked at the backup after the tombstone, and the rules start anew.
 */

import type { HoldMark, Mark } from './mark.ts';

export type BackupHold =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'pinned';
      /** ISO 8601, UTC. */
      readonly since: string;
      readonly reason: string | null;
      /** There are tombstones beside it, which do not count. */
      readonly hasTombstone: boolean;
    }
  | { readonly kind: 'expired'; readonly since: string; readonly reason: string };

/** How long a backup stays hidden, and can still be pinned, before its bytes go. */
export const graceMs = 24 * 3600 * 1000;

/** Of two of the same moment the one holds that keeps the backup. */
export function holdOf(marks: readonly Mark[]): BackupHold {
  const tombstone = newestOf(marks.filter((mark) => mark.kind === 'expired'));
  const word = newestOf(marks.filter((mark) => mark.kind === 'pin' || mark.kind === 'unpin'));
  if (word?.kind === 'pin') {
    return { kind: 'pinned', since: word.time, reason: word.reason, hasTombstone: tombstone !== null };
  }
  if (tombstone === null) return { kind: 'none' };
  if (word !== null && Date.parse(word.time) >= Date.parse(tombstone.time)) return { kind: 'none' };
  return { kind: 'expired', since: tombstone.time, reason: tombstone.reason };
}

/** The time of a new `pin`, `unpin` or tombstone: after those there are, also when another machine's clock was ahead. */
export function nextHoldTime(marks: readonly Mark[], now: Date): Date {
  const newest = newestOf(marks.filter(isHold));
  return new Date(newest === null ? now.getTime() : Math.max(now.getTime(), Date.parse(newest.time) + 1));
}

/** When the bytes of one with a tombstone may go; null without. */
export function deletableFrom(hold: BackupHold): Date | null {
  return hold.kind === 'expired' ? new Date(Date.parse(hold.since) + graceMs) : null;
}

function newestOf<T extends HoldMark>(marks: readonly T[]): T | null {
  const keeps = (mark: T): number => (mark.kind === 'pin' ? 1 : 0);
  return marks.toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time) || keeps(b) - keeps(a))[0] ?? null;
}

function isHold(mark: Mark): mark is HoldMark {
  return mark.kind === 'pin' || mark.kind === 'unpin' || mark.kind === 'expired';
}
