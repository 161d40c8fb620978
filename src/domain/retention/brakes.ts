/**
 * When rules would take suspiciously much, or the clock cannot be trusted, nothing goes until a person has looked: a typing
 * error in a rule, or a clock set to another year, must not cost the backups.
 */

import { countOf, formatDuration } from '../amounts.ts';
import type { Finding } from '../finding.ts';
import type { Verdict } from '../retention-plan.ts';
import type { Candidate } from './candidate.ts';

/** A clock that is further past the newest earlier backup than this may well be wrong. */
export const longestPauseMs = 40 * 24 * 3600 * 1000;

export interface BrakeRequest {
  readonly database: string;
  readonly verdicts: readonly Verdict[];
  readonly candidates: readonly Candidate[];
  /** The backup of this very run, of which the clock is no witness; null for none. */
  readonly justMade: string | null;
  readonly now: Date;
}

/** Empty when the rules may be applied. */
export function findBrakes(request: BrakeRequest): readonly Finding[] {
  return [...clockBrake(request), ...halfBrake(request)];
}

function clockBrake({ candidates, justMade, now, database }: BrakeRequest): readonly Finding[] {
  const earlier = candidates.filter(({ id }) => id !== justMade).map(({ finishedMs }) => finishedMs);
  if (earlier.length === 0) return [];
  const newestMs = Math.max(...earlier);
  const sinceMs = now.getTime() - newestMs;
  if (sinceMs >= 0 && sinceMs <= longestPauseMs) return [];
  const clock = `this machine's clock says ${now.toISOString()}`;
  const newest = `the newest earlier backup of ${database}, of ${new Date(newestMs).toISOString()}`;
  const message =
    sinceMs < 0 ? `${clock}, which is before ${newest}` : `${clock}, ${formatDuration(sinceMs)} after ${newest}`;
  return [stop('expiry-clock', `nothing expires: ${message}`, `If the clock is right: ${goOn(database)}`)];
}

/** One alone never stops: a rule that keeps few would stop for ever. */
function halfBrake({ verdicts, database }: BrakeRequest): readonly Finding[] {
  const going = verdicts.filter(({ fate }) => fate === 'expires').length;
  const all = going + verdicts.filter(({ fate }) => fate === 'stays').length;
  if (going < 2 || going * 2 < all) return [];
  const what = `nothing expires: the rules would let go ${String(going)} of ${countOf(all, 'backup')} of ${database}`;
  return [
    stop('expiry-half', what, `Look at them (holdfast prune ${database} --dry-run); if they may go: ${goOn(database)}`),
  ];
}

function goOn(database: string): string {
  return `holdfast prune ${database} --force`;
}

function stop(code: string, message: string, hint: string): Finding {
  return { severity: 'warning', code, message, hint };
}
