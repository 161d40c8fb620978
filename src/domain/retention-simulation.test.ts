/**
 * Ten years of daily backups, the rules applied after each, as the product does it: a tombstone first, the bytes a day
 * later. Every day what stays is compared with what the rules say in their own words, written down here a second time, as
 * plainly as can be; and with what a person expects to find, whatever happened on the days before.
 */

import { describe, expect, it } from 'vitest';
import { dayMs, makeCandidate, makeRules, newest, noOlderThan } from '../../test/harness/retention.ts';
import { planRetention, type Verdict } from './retention-plan.ts';
import { findBrakes } from './retention/brakes.ts';
import type { Candidate } from './retention/candidate.ts';
import { keepClasses, type KeepClass, type KeepRules } from './retention/keep-rules.ts';

const days = 3653;
const first = Date.parse('2026-11-21T01:00:00.000Z');
const timeZone = 'Europe/Berlin';

/** Independent of the product's calendar: the date as Sweden writes it, and Monday by counting days. */
const dateFormat = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });

function dateOf(ms: number): string {
  return dateFormat.format(new Date(ms));
}

type Periods = Readonly<Record<KeepClass, string>>;

/** With the periods it falls into: they are compared many million times. */
interface Made extends Candidate {
  readonly periods: Periods;
}

function periodsOf(date: string): Periods {
  // 1970-01-05 was a Monday.
  const week = Math.floor((Date.parse(date) / dayMs - 4) / 7);
  const [yearly, monthly] = [date.slice(0, 4), date.slice(0, 7)];
  return { hourly: 'never asked', daily: date, weekly: `week ${week}`, monthly, yearly };
}

/** Every Sunday's is verified, the first of each month proven; some have labels, some are only parts. */
function backupOfDay(day: number): Made {
  const started = new Date(first + day * dayMs + ((day * 7919) % 3600) * 1000);
  const date = dateOf(started.getTime());
  const isProven = date.endsWith('-01');
  const isVerified = new Date(`${date}T00:00:00Z`).getUTCDay() === 0;
  const made = makeCandidate(started, {
    state: isProven ? 'proven' : isVerified ? 'verified' : 'stored',
    label: day % 45 === 7 ? 'pre-deploy' : null,
    isWhole: day % 29 !== 11,
  });
  return { ...made, periods: periodsOf(date) };
}

const rank = { stored: 0, verified: 1, proven: 2, damaged: -1 } as const;

interface Question {
  readonly one: Made;
  /** Those that have no tombstone. */
  readonly all: readonly Made[];
  readonly rules: KeepRules;
  readonly ageMs: number;
}

/** What the rules say of one backup among those there are, in their own words: it stays when any of these says so. */
const wordsForAll: readonly ((question: Question) => boolean)[] = [
  ({ rules, ageMs }) => rules.withinMs !== null && ageMs <= rules.withinMs,
  ({ one, all, rules }) => {
    const rule = one.label === null ? undefined : rules.labels[one.label];
    const next = all.filter((other) => other.label === one.label && (other.isWhole || !one.isWhole));
    return rule?.kind === 'count' && newerThan(one, next) < rule.count;
  },
];

const wordsForParts: typeof wordsForAll = [
  ({ one, all, rules }) => newerThan(one, all.filter(isPart)) < rules.minimum,
  ({ ageMs, rules }) => {
    const { daily } = rules.classes;
    return ageMs <= Math.max(30 * dayMs, daily?.kind === 'count' ? daily.count * dayMs : 0, rules.withinMs ?? 0);
  },
];

const wordsForWhole: typeof wordsForAll = [
  ({ one, all, rules }) => newerThan(one, all.filter(isNoPart)) < Math.max(rules.minimum, rules.last ?? 0),
  ({ one, all }) => {
    const proven = all.filter(({ isWhole, state }) => isWhole && state === 'proven');
    return one.state === 'proven' && newerThan(one, proven) === 0;
  },
  (question) => keepClasses.some((name) => holdsPlace(question, name)),
];

function shouldStay(question: Question): boolean {
  const words = [...wordsForAll, ...(question.one.isWhole ? wordsForWhole : wordsForParts)];
  return words.some((says) => says(question));
}

function isNoPart({ isWhole }: Made): boolean {
  return isWhole;
}

function isPart({ isWhole }: Made): boolean {
  return !isWhole;
}

function newerThan(one: Made, others: readonly Made[]): number {
  return others.filter(({ startedMs }) => startedMs > one.startedMs).length;
}

function holdsPlace({ one, all, rules, ageMs }: Question, name: KeepClass): boolean {
  const amount = rules.classes[name];
  const whole = all.filter(isNoPart);
  if (amount === null) return false;
  const period = one.periods[name];
  const isBeaten = whole.some(
    (other) =>
      other.periods[name] === period &&
      (rank[other.state] > rank[one.state] ||
        (rank[other.state] === rank[one.state] && other.startedMs > one.startedMs)),
  );
  if (isBeaten) return false;
  if (amount.kind === 'age') return ageMs <= amount.maxAgeMs;
  const later = new Set(whole.filter(({ startedMs }) => startedMs > one.startedMs).map((other) => other.periods[name]));
  later.delete(period);
  return later.size < amount.count;
}

/** One day: a backup, the rules, tombstones, and yesterday's tombstones gone for good. */
function nextDay(day: number, present: readonly Made[], rules: KeepRules): Day {
  const made = backupOfDay(day);
  const now = new Date(made.finishedMs);
  const candidates = [...present, made];
  const verdicts = planRetention({ candidates, rules, now, timeZone });
  const brakes = findBrakes({ database: 'app', verdicts, candidates, justMade: made.id, now });
  const fates = new Map(verdicts.map(({ id, fate }) => [id, fate]));
  const after = candidates.flatMap((one): readonly Made[] => {
    if (fates.get(one.id) === 'goes') return [];
    if (fates.get(one.id) !== 'expires') return [one];
    return [{ ...one, hold: { kind: 'expired', since: now.toISOString(), reason: 'a rule' } }];
  });
  return { now, before: candidates, after, verdicts, brakes: brakes.length };
}

interface Day {
  readonly now: Date;
  readonly before: readonly Made[];
  readonly after: readonly Made[];
  readonly verdicts: readonly Verdict[];
  readonly brakes: number;
}

function live(candidates: readonly Made[]): readonly Made[] {
  return candidates.filter(({ hold }) => hold.kind === 'none');
}

/** Periods of one class, newest first, of which a good whole backup is there. */
function covered(candidates: readonly Made[], name: KeepClass): readonly string[] {
  const whole = live(candidates).filter(({ isWhole }) => isWhole);
  return [...new Set(whole.toReversed().map(({ periods }) => periods[name]))];
}

/** Simulates, and calls `check` every day. */
function simulate(rules: KeepRules, check: (day: Day, number: number) => void): readonly Made[] {
  let present: readonly Made[] = [];
  for (let number = 0; number < days; number += 1) {
    const day = nextDay(number, present, rules);
    const there = live(day.before);
    const expected = there
      .filter((one) => shouldStay({ one, all: there, rules, ageMs: day.now.getTime() - one.startedMs }))
      .map(({ id }) => id);
    const stays = day.verdicts.flatMap(({ id, fate }) => (fate === 'stays' ? [id] : []));
    if (stays.toSorted().join() !== expected.toSorted().join()) {
      expect({ number, stays: stays.toSorted() }).toEqual({ number, stays: expected.toSorted() });
    }
    if (day.brakes > 0) throw new Error(`a brake on day ${number}`);
    check(day, number);
    present = day.after;
  }
  return present;
}

/** The present period and so many before it, those that began after the first backup: every one that is over has one. */
function demand(day: Day, name: KeepClass, count: number): void {
  const there = new Set(covered(day.after, name));
  const wanted = new Set<string>();
  // Short enough to miss none.
  const step = name === 'yearly' ? 28 * dayMs : name === 'monthly' ? 7 * dayMs : dayMs;
  for (let ms = day.now.getTime(); wanted.size < count && ms > first + 40 * dayMs; ms -= step)
    wanted.add(periodsOf(dateOf(ms))[name]);
  // The only backup of the present one may be a part.
  wanted.delete(periodsOf(dateOf(day.now.getTime()))[name]);
  const missing = [...wanted].filter((period) => !there.has(period));
  if (missing.length > 0) throw new Error(`${day.now.toISOString()}: ${name} of ${missing.join(', ')} is missing`);
}

describe('ten years of daily backups', { timeout: 120_000 }, () => {
  it('under daily 30, weekly 12, monthly 12, yearly 7 hold what each of these says, every day', () => {
    const rules = makeRules({ daily: newest(30), weekly: newest(12), monthly: newest(12), yearly: newest(7) });
    const present = simulate(rules, (day) => {
      demand(day, 'weekly', 12);
      demand(day, 'monthly', 12);
      demand(day, 'yearly', 7);
      expect(covered(day.after, 'daily').length).toBeGreaterThanOrEqual(Math.min(30, day.before.length - 3));
      expect(live(day.after).length).toBeLessThanOrEqual(30 + 12 + 12 + 7 + 3);
    });
    expect(present.length).toBeLessThan(70);
    expect(covered(present, 'yearly')).toEqual(['2036', '2035', '2034', '2033', '2032', '2031', '2030']);
  });

  it('under ages hold what each of these says, every day', () => {
    const rules = makeRules({ withinMs: 30 * dayMs, weekly: noOlderThan(90), monthly: noOlderThan(366), minimum: 5 });
    const present = simulate(rules, (day) => {
      demand(day, 'weekly', 12);
      demand(day, 'monthly', 11);
      const oldest = Math.min(...live(day.after).map(({ startedMs }) => startedMs));
      expect(day.now.getTime() - oldest).toBeLessThanOrEqual(366 * dayMs);
    });
    expect(live(present).filter(({ startedMs }) => startedMs > first + (days - 30) * dayMs)).toHaveLength(30);
  });

  it('under a label until the next, and the last ten, hold both, every day', () => {
    const rules = makeRules({ last: 10, labels: { 'pre-deploy': newest(1) } });
    simulate(rules, (day, number) => {
      const labelled = live(day.after).filter(({ label }) => label === 'pre-deploy');
      if (number >= 7) expect(labelled.length).toBeGreaterThanOrEqual(1);
      expect(live(day.after).filter(({ isWhole }) => isWhole).length).toBeGreaterThanOrEqual(Math.min(10, number));
    });
  });

  it('then a clock set to 2099: a brake says so, whatever the rules', () => {
    const now = new Date('2099-01-01T00:00:00.000Z');
    for (const rules of [
      makeRules({ withinMs: 30 * dayMs }),
      makeRules({ daily: newest(3) }),
      makeRules({ last: 100 }),
    ]) {
      const candidates = Array.from({ length: 60 }, (_, day) => backupOfDay(day));
      const verdicts = planRetention({ candidates, rules, now, timeZone });
      const brakes = findBrakes({ database: 'app', verdicts, candidates, justMade: null, now });
      expect(brakes.map(({ code }) => code)).toContain('expiry-clock');
    }
  });
});
