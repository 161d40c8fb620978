/**
 * Which older backup a drill at random takes: never the newest, which the usual drill proves, and rather one that was
 * never proven, or not for long.
 */

import type { Backup } from './backup.ts';
import { countsAsLatest } from './choose-backup.ts';

const dayMs = 86_400_000;
/** Of one that was never proven nothing is known: it is drawn so many times as often as its age alone would make it. */
const neverProven = 4;

/** `backups` of one database, newest first; `fraction`: at random, 0 ≤ fraction < 1. Null when there is no older one. */
export function chooseOlderBackup(backups: readonly Backup[], now: Date, fraction: number): Backup | null {
  const [, ...older] = backups.filter(countsAsLatest);
  const weights = older.map((backup) => weightOf(backup, now));
  let left = fraction * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, backup] of older.entries()) {
    left -= weights[index] ?? 0;
    if (left < 0) return backup;
  }
  return older[older.length - 1] ?? null;
}

/** Days since it was proven last, or since it was made; at least one. */
function weightOf({ manifest, newestProof }: Backup, now: Date): number {
  const proven = newestProof !== null && newestProof.outcome === 'proven' ? newestProof.time : null;
  const days = Math.max(0, now.getTime() - Date.parse(proven ?? manifest.started)) / dayMs;
  return (1 + days) * (proven === null ? neverProven : 1);
}
