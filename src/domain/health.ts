/**
 * Is a database's coverage what was promised? Three things with limits of their own: how old the newest whole backup is,
 * how many there were in the last 24 hours, how old the newest proven one is. Only backups that `latest` counts count
 * here: whole, not damaged, not labelled `safety`. Ages are those of the data: from when a backup was begun.
 */

import { formatDuration, formatLimit } from './amounts.ts';
import type { Backup } from './backup.ts';
import { countsAsLatest } from './choose-backup.ts';

export interface HealthLimits {
  readonly maxAgeMs: number;
  /** Of the last 24 hours. */
  readonly minCount: number;
  readonly maxProofAgeMs: number;
}

const hourMs = 3_600_000;

/** A daily backup may begin, and take, two hours later than the day before; a weekly drill a day. */
export const usualHealthLimits: HealthLimits = { maxAgeMs: 26 * hourMs, minCount: 1, maxProofAgeMs: 8 * 24 * hourMs };

export const countWindowMs = 24 * hourMs;

/** Clocks of two machines differ; a backup from further ahead says nothing about its age. */
const clockToleranceMs = hourMs;

export interface HealthCheck {
  readonly check: 'newest' | 'count' | 'proof';
  readonly ok: boolean;
  /** The backup it is about; null for `count`, and when there is none. */
  readonly id: string | null;
  /** Milliseconds for ages, a number of backups for `count`; null when there is none. */
  readonly actual: number | null;
  readonly limit: number;
  /** `the newest whole backup is 30 h 0 min old; at most 26 h is expected` */
  readonly message: string;
  /** What to do; empty when it is well. */
  readonly hint: string;
}

export interface DatabaseHealth {
  readonly database: string;
  readonly healthy: boolean;
  readonly checks: readonly HealthCheck[];
}

export interface HealthFacts {
  readonly database: string;
  /** Of this database, newest first. */
  readonly backups: readonly Backup[];
  /** When a backup that is being made now was begun; null when none is. */
  readonly runningSince: Date | null;
}

export function judgeHealth(facts: HealthFacts, limits: HealthLimits, now: Date): DatabaseHealth {
  const { database } = facts;
  const counted = facts.backups.filter((one) => countsAsLatest(one) && ageOf(one, now) >= -clockToleranceMs);
  const checks = [
    checkNewest(database, counted[0], limits, now),
    checkCount(counted, facts, limits, now),
    checkProof(
      database,
      counted.find(({ state }) => state === 'proven'),
      limits,
      now,
    ),
  ];
  return { database, healthy: checks.every(({ ok }) => ok), checks };
}

function checkNewest(database: string, newest: Backup | undefined, limits: HealthLimits, now: Date): HealthCheck {
  const what = { found: 'the newest whole backup is', none: 'there is no whole, undamaged backup' };
  return checkAge('newest', newest, limits.maxAgeMs, now, what, `Make one: holdfast backup ${database}`);
}

function checkProof(database: string, proven: Backup | undefined, limits: HealthLimits, now: Date): HealthCheck {
  const what = { found: 'the newest proven backup is', none: 'no backup is proven' };
  return checkAge('proof', proven, limits.maxProofAgeMs, now, what, `Prove the newest: holdfast drill ${database}`);
}

function checkAge(
  check: 'newest' | 'proof',
  backup: Backup | undefined,
  limit: number,
  now: Date,
  what: { readonly found: string; readonly none: string },
  hint: string,
): HealthCheck {
  const actual = backup === undefined ? null : Math.max(0, ageOf(backup, now));
  const ok = actual !== null && actual <= limit;
  const said = actual === null ? what.none : `${what.found} ${formatDuration(actual)} old`;
  const expected = actual === null ? 'one of the last' : 'at most';
  const message = ok ? said : `${said}; ${expected} ${formatLimit(limit)} is expected`;
  return { check, ok, id: backup?.manifest.id ?? null, actual, limit, message, hint: ok ? '' : hint };
}

/**
 * While a backup is being made the 24 hours end with its beginning: a daily one that takes a minute longer than
 * yesterday's is no gap.
 */
function checkCount(
  counted: readonly Backup[],
  { database, runningSince }: HealthFacts,
  { minCount }: HealthLimits,
  now: Date,
): HealthCheck {
  const end = Math.min(now.getTime(), runningSince?.getTime() ?? now.getTime());
  const actual = counted.filter(({ manifest }) => Date.parse(manifest.finished) >= end - countWindowMs).length;
  const ok = actual >= minCount;
  const backups = actual === 1 ? '1 backup' : `${String(actual)} backups`;
  return {
    check: 'count',
    ok,
    id: null,
    actual,
    limit: minCount,
    message: `${backups} in the last 24 h${ok ? '' : `; at least ${String(minCount)} is expected`}`,
    hint: ok ? '' : `Look why they were not made: \`holdfast doctor ${database}\`, and the timetable.`,
  };
}

function ageOf({ manifest }: Backup, now: Date): number {
  return now.getTime() - Date.parse(manifest.started);
}
