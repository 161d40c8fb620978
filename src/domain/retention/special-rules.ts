/** What keeps those that hold no class's place: backups with labels, partial ones, damaged ones. */

import { newestFirst, type Candidate } from './candidate.ts';
import { formatAge, hasGeneralRule, type KeepAmount, type KeepRules } from './keep-rules.ts';

const hourMs = 3600 * 1000;
const dayMs = 24 * hourMs;

/** A damaged backup stays so long after the damage was found: time to look at it, and to save what still reads. */
export const damagedMs = 30 * dayMs;

/** A partial backup stays at least so long. */
export const partialMs = 30 * dayMs;

/** Null when no rule speaks of its label. */
export function labelReason(candidate: Candidate, live: readonly Candidate[], rules: KeepRules, now: Date): Reason {
  const { label } = candidate;
  const amount = label === null || !Object.hasOwn(rules.labels, label) ? undefined : rules.labels[label];
  if (label === null || amount === undefined) return null;
  if (amount.kind === 'age') {
    const limit = formatAge(amount.maxAgeMs);
    return now.getTime() - candidate.startedMs <= amount.maxAgeMs
      ? { stays: true, text: `label ${label}: no older than ${limit}` }
      : { stays: false, text: `label ${label}: older than ${limit}` };
  }
  const next = successors(candidate, live);
  if (next.length >= amount.count) return { stays: false, text: `label ${label}: ${next.at(-1)?.id ?? ''} came after` };
  return { stays: true, text: `label ${label}: ${amount.count === 1 ? 'until the next one' : countText(amount)}` };
}

export type Reason = { readonly stays: boolean; readonly text: string } | null;

function countText({ count }: Extract<KeepAmount, { readonly kind: 'count' }>): string {
  return `one of the newest ${String(count)}`;
}

/** Good newer ones with the same label, newest first; a partial one does not follow a whole one. */
function successors(candidate: Candidate, live: readonly Candidate[]): readonly Candidate[] {
  return live
    .filter(
      (one) =>
        one.label === candidate.label &&
        one.state !== 'damaged' &&
        (one.isWhole || !candidate.isWhole) &&
        newestFirst(one, candidate) < 0,
    )
    .toSorted(newestFirst);
}

/** For one that is not whole. */
export function partialReason({ startedMs }: Candidate, rules: KeepRules, now: Date): Reason {
  if (!hasGeneralRule(rules)) return null;
  const { hourly, daily } = rules.classes;
  const reachMs = Math.max(partialMs, rules.withinMs ?? 0, reachOf(hourly, hourMs), reachOf(daily, dayMs));
  return now.getTime() - startedMs <= reachMs
    ? { stays: true, text: `partial: no older than ${formatAge(reachMs)}` }
    : { stays: false, text: `partial: older than ${formatAge(reachMs)}` };
}

function reachOf(amount: KeepAmount | null, periodMs: number): number {
  if (amount === null) return 0;
  return amount.kind === 'age' ? amount.maxAgeMs : amount.count * periodMs;
}

/** For a damaged one. `counted`: the good whole ones that are not on their way out. */
export function damagedReason(candidate: Candidate, counted: readonly Candidate[], now: Date): Reason {
  const { damageFoundMs } = candidate;
  const isFresh = damageFoundMs === null || now.getTime() - damageFoundMs <= damagedMs;
  if (isFresh) return { stays: true, text: `damaged: found no more than ${formatAge(damagedMs)} ago` };
  if (!counted.some((one) => newestFirst(one, candidate) < 0)) {
    return { stays: true, text: 'damaged: no newer good one is there' };
  }
  return { stays: false, text: `damaged: found more than ${formatAge(damagedMs)} ago, and newer good ones are there` };
}
