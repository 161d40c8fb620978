import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dayMs,
  hourMs,
  longer,
  makeCandidate,
  makeRules,
  newest,
  noOlderThan,
  someCandidates,
  someNow,
  someRules,
} from '../../test/harness/retention.ts';
import { graceMs, type BackupHold } from './backup-hold.ts';
import { planRetention, type Verdict } from './retention-plan.ts';
import { makeCalendar } from './retention/calendar.ts';
import { isCounted, isLive, type Candidate } from './retention/candidate.ts';
import { keepClasses, type KeepRules } from './retention/keep-rules.ts';

const timeZone = 'Europe/Berlin';
const now = someNow;

function plan(candidates: readonly Candidate[], rules: KeepRules | null, at = now): readonly Verdict[] {
  return planRetention({ candidates, rules, now: at, timeZone });
}

function staying(candidates: readonly Candidate[], rules: KeepRules): ReadonlySet<string> {
  return new Set(plan(candidates, rules).flatMap(({ id, fate }) => (fate === 'stays' ? [id] : [])));
}

function daysAgo(days: number, overrides: Partial<Candidate> = {}): Candidate {
  return makeCandidate(new Date(now.getTime() - days * dayMs), overrides);
}

function verdictOf(candidate: Candidate, all: readonly Candidate[], rules: KeepRules | null): Verdict {
  const verdict = plan(all, rules).find(({ id }) => id === candidate.id);
  if (verdict === undefined) throw new Error('a backup without a verdict');
  return verdict;
}

const pinned: BackupHold = { kind: 'pinned', since: now.toISOString(), reason: 'the merger', hasTombstone: false };

function expiredFor(ms: number): BackupHold {
  return { kind: 'expired', since: new Date(now.getTime() - ms).toISOString(), reason: 'daily: too old' };
}

describe('a plan, whatever the backups and the rules are,', () => {
  it('has one verdict with a reason for each backup, in whatever order they come', () => {
    fc.assert(
      fc.property(someCandidates, someRules, (candidates, rules) => {
        const verdicts = plan(candidates, rules);
        expect(verdicts.map(({ id }) => id).toSorted()).toEqual(candidates.map(({ id }) => id).toSorted());
        expect(verdicts.filter(({ reasons }) => reasons.length === 0 || reasons.includes(''))).toEqual([]);
        expect(plan(candidates.toReversed(), rules)).toEqual(verdicts);
      }),
    );
  });

  it('keeps no less with a longer rule', () => {
    fc.assert(
      fc.property(someCandidates, someRules, longer, (candidates, rules, lengthen) => {
        const more = staying(candidates, lengthen(rules));
        expect([...staying(candidates, rules)].filter((id) => !more.has(id))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('never leaves fewer good whole backups than the minimum, nor lets the newest of them go', () => {
    fc.assert(
      fc.property(someCandidates, someRules, (candidates, rules) => {
        const counted = candidates.filter((one) => isLive(one) && isCounted(one));
        const kept = staying(candidates, rules);
        const stay = counted.filter(({ id }) => kept.has(id));
        expect(stay.length).toBeGreaterThanOrEqual(Math.min(rules.minimum, counted.length));
        const newestMs = Math.max(...counted.map(({ startedMs }) => startedMs));
        expect(counted.filter(({ id, startedMs }) => startedMs === newestMs && !kept.has(id))).toEqual([]);
      }),
    );
  });

  it('gives the place of a class to good whole backups only, the proven before the verified before the stored', () => {
    const calendar = makeCalendar(timeZone);
    const rank = ({ state }: Candidate): number => ['stored', 'verified', 'proven'].indexOf(state);
    fc.assert(
      fc.property(someCandidates, someRules, (candidates, rules) => {
        for (const { id, reasons } of plan(candidates, rules)) {
          const holder = candidates.find((one) => one.id === id);
          const held = keepClasses.filter((name) => reasons.some((text) => text.startsWith(`${name}: the `)));
          if (holder === undefined || held.length === 0) continue;
          expect(isCounted(holder) && isLive(holder)).toBe(true);
          for (const name of held) {
            const better = candidates.filter(
              (one) =>
                isCounted(one) &&
                isLive(one) &&
                calendar(one.startedMs, name) === calendar(holder.startedMs, name) &&
                (rank(one) > rank(holder) || (rank(one) === rank(holder) && one.startedMs > holder.startedMs)),
            );
            expect(better).toEqual([]);
          }
        }
      }),
    );
  });

  it('never lets go the newest proven one, a pinned one, or one that another builds on', () => {
    fc.assert(
      fc.property(someCandidates, someRules, (candidates, rules) => {
        const leaving = new Set(
          plan(candidates, rules).flatMap(({ id, fate }) => (fate === 'expires' || fate === 'goes' ? [id] : [])),
        );
        const held = candidates.filter(({ hold, neededBy }) => hold.kind === 'pinned' || neededBy !== null);
        expect(held.filter(({ id }) => leaving.has(id))).toEqual([]);
        const proven = candidates.filter((one) => isCounted(one) && one.state === 'proven');
        if (proven.length > 0) expect(proven.every(({ id }) => leaving.has(id))).toBe(false);
      }),
    );
  });

  it('deletes bytes only of those whose tombstone is older than the grace period', () => {
    fc.assert(
      fc.property(someCandidates, someRules, (candidates, rules) => {
        for (const { id, fate } of plan(candidates, rules)) {
          const hold = candidates.find((one) => one.id === id)?.hold;
          const isDue = hold?.kind === 'expired' && now.getTime() - Date.parse(hold.since) >= graceMs;
          if (fate === 'goes') expect(isDue).toBe(true);
          expect(fate === 'goes' || fate === 'waits').toBe(hold?.kind === 'expired');
        }
      }),
    );
  });

  it('lets nothing more go when it is made again after it was carried out', () => {
    fc.assert(
      fc.property(someCandidates, someRules, (candidates, rules) => {
        const kept = staying(candidates, rules);
        const after = candidates.map((one): Candidate => {
          return kept.has(one.id) || !isLive(one) ? one : { ...one, hold: expiredFor(0) };
        });
        expect(plan(after, rules).filter(({ fate }) => fate === 'expires')).toEqual([]);
      }),
    );
  });
});

describe('rules in words', () => {
  it('keep all of the last days, and say so', () => {
    const all = [0, 1, 1.5, 29.9, 30, 30.1].map((days) => daysAgo(days));
    const rules = makeRules({ withinMs: 30 * dayMs });
    expect(plan(all, rules).map(({ fate }) => fate)).toEqual(['stays', 'stays', 'stays', 'stays', 'stays', 'expires']);
    expect(plan(all, rules).at(-1)?.reasons).toEqual(['older than 30 days']);
    expect(plan(all, rules)[1]?.reasons).toEqual(['no older than 30 days']);
  });

  it('keep the best of each day, in the time zone given', () => {
    // 23:30 UTC is the next day in Berlin.
    const late = makeCandidate(new Date('2026-11-19T23:30:00Z'));
    const early = makeCandidate(new Date('2026-11-19T02:00:00Z'));
    const noon = makeCandidate(new Date('2026-11-20T11:00:00Z'));
    const today = makeCandidate(now);
    const all = [early, late, noon, today];
    const rules = makeRules({ daily: newest(3) });
    expect(plan(all, rules).map(({ fate }) => fate)).toEqual(['stays', 'stays', 'expires', 'stays']);
    expect(verdictOf(late, all, rules).reasons).toEqual([`daily: ${noon.id} stands for 2026-11-20`]);
    expect(verdictOf(early, all, rules).reasons).toEqual(['daily: the newest of 2026-11-19']);
    expect(verdictOf(early, all, makeRules({ daily: newest(2) })).reasons).toEqual([
      'daily: 2026-11-19 is not among the newest 2',
    ]);
  });

  it('keep a proven one of the day before a newer one, but never lose the newest of all', () => {
    const proven = daysAgo(0.1, { state: 'proven' });
    const later = daysAgo(0.05);
    const all = [proven, later];
    const rules = makeRules({ daily: newest(30) });
    expect(verdictOf(proven, all, rules).reasons).toEqual([
      'the newest proven one',
      'daily: the proven one of 2026-11-21',
    ]);
    expect(verdictOf(later, all, rules).reasons).toEqual(['the newest one']);
    const stillLater = makeCandidate(new Date(now.getTime() + hourMs));
    expect(verdictOf(later, [...all, stillLater], rules)).toMatchObject({
      fate: 'expires',
      reasons: [`daily: ${proven.id} stands for 2026-11-21`],
    });
  });

  it('keep weeks from Monday on, months and years', () => {
    const days = Array.from({ length: 800 }, (_, day) => daysAgo(day));
    const stay = (rules: KeepRules): readonly string[] =>
      plan(days, rules).flatMap(({ id, fate }) => (fate === 'stays' ? [id.slice(0, 8)] : []));
    expect(stay(makeRules({ weekly: newest(3) }))).toEqual(['20261121', '20261115', '20261108']);
    expect(stay(makeRules({ monthly: newest(3) }))).toEqual(['20261121', '20261031', '20260930']);
    expect(stay(makeRules({ yearly: newest(3) }))).toEqual(['20261121', '20251231', '20241231']);
    expect(stay(makeRules({ weekly: noOlderThan(13) }))).toEqual(['20261121', '20261115', '20261108']);
  });

  it('keep the last ones', () => {
    const days = Array.from({ length: 9 }, (_, day) => daysAgo(day));
    const fates = plan(days, makeRules({ last: 4 })).map(({ fate }) => fate);
    expect(fates.filter((fate) => fate === 'stays')).toHaveLength(4);
    expect(plan(days, makeRules({ last: 4 })).at(-1)?.reasons).toEqual(['not one of the last 4']);
  });

  it('count the hour that a clock change repeats twice', () => {
    const hours = ['2026-10-25T00:10:00Z', '2026-10-25T01:10:00Z'].map((time) => makeCandidate(new Date(time)));
    expect(staying([...hours, makeCandidate(now)], makeRules({ hourly: newest(3) })).size).toBe(3);
  });

  it('without any rule keep everything', () => {
    const all = [daysAgo(9000), daysAgo(1, { label: 'safety' }), daysAgo(2, { hold: expiredFor(90 * dayMs) })];
    expect(plan(all, null).map(({ fate, reasons }) => [fate, ...reasons])).toEqual([
      ['stays', 'no rule is set'],
      ['waits', 'no rule is set'],
      ['stays', 'no rule is set'],
    ]);
  });
});

describe('labels', () => {
  const recent = [daysAgo(0), daysAgo(1)];
  const rules = makeRules({ daily: newest(2), labels: { 'pre-deploy': newest(1), critical: noOlderThan(90) } });

  it('keep one until the next one with it exists', () => {
    const first = daysAgo(100, { label: 'pre-deploy' });
    const second = daysAgo(50, { label: 'pre-deploy' });
    expect(verdictOf(first, [...recent, first], rules).reasons).toEqual(['label pre-deploy: until the next one']);
    expect(verdictOf(first, [...recent, first, second], rules)).toMatchObject({
      fate: 'expires',
      reasons: [`label pre-deploy: ${second.id} came after`, 'daily: 2026-08-13 is not among the newest 2'],
    });
    expect(verdictOf(second, [...recent, first, second], rules).fate).toBe('stays');
  });

  it('do not take a damaged, a partial or an expired one for the next', () => {
    const first = daysAgo(100, { label: 'pre-deploy' });
    for (const overrides of [{ state: 'damaged' }, { isWhole: false }, { hold: expiredFor(hourMs) }] as const) {
      const next = daysAgo(50, { label: 'pre-deploy', ...overrides });
      expect(verdictOf(first, [...recent, first, next], rules).fate).toBe('stays');
    }
  });

  it('keep one as long as they say, a safety copy seven days', () => {
    expect(
      verdictOf(daysAgo(90, { label: 'critical' }), [...recent, daysAgo(90, { label: 'critical' })], rules).fate,
    ).toBe('stays');
    expect(
      verdictOf(daysAgo(91, { label: 'critical' }), [...recent, daysAgo(91, { label: 'critical' })], rules).fate,
    ).toBe('expires');
    const safety = (days: number): string =>
      verdictOf(daysAgo(days, { label: 'safety' }), [...recent, daysAgo(days, { label: 'safety' })], rules).fate;
    expect([safety(6.9), safety(7.1)]).toEqual(['stays', 'expires']);
  });

  it('alone leave all others in peace', () => {
    const only = makeRules({ labels: { critical: noOlderThan(90) } });
    const old = daysAgo(1000);
    const critical = daysAgo(91, { label: 'critical' });
    const all = [...recent, old, critical];
    expect(verdictOf(old, all, only)).toMatchObject({ fate: 'stays', reasons: ['no rule speaks of it'] });
    expect(verdictOf(critical, all, only).fate).toBe('expires');
  });
});

describe('backups that hold no place', () => {
  const recent = [daysAgo(0), daysAgo(1)];

  it('stay 30 days when they are partial, longer when the days of the rules reach longer', () => {
    const partial = (days: number, rules: KeepRules): string => {
      const older = daysAgo(days, { isWhole: false });
      return verdictOf(older, [...recent, daysAgo(0.5, { isWhole: false }), older], rules).fate;
    };
    expect(partial(29, makeRules({ daily: newest(3) }))).toBe('stays');
    expect(partial(31, makeRules({ daily: newest(3), yearly: newest(7) }))).toBe('expires');
    expect(partial(31, makeRules({ daily: newest(60) }))).toBe('stays');
    expect(partial(59, makeRules({ withinMs: 60 * dayMs }))).toBe('stays');
  });

  it('stay when they are the newest partial one', () => {
    const partial = daysAgo(400, { isWhole: false });
    expect(verdictOf(partial, [...recent, partial], makeRules({ daily: newest(2) })).reasons).toEqual([
      'the newest partial one',
    ]);
  });

  it('stay 30 days after damage was found, and while no newer good one is there', () => {
    const rules = makeRules({ daily: newest(2) });
    const damaged = (foundDaysAgo: number): Candidate =>
      daysAgo(200, { state: 'damaged', damageFoundMs: now.getTime() - foundDaysAgo * dayMs });
    expect(verdictOf(damaged(29), [...recent, damaged(29)], rules).fate).toBe('stays');
    expect(verdictOf(damaged(31), [...recent, damaged(31)], rules).fate).toBe('expires');
    expect(verdictOf(damaged(31), [damaged(31), daysAgo(300)], rules).fate).toBe('stays');
  });
});

describe('pins and tombstones', () => {
  const rules = makeRules({ daily: newest(2), minimum: 2 });
  const recent = [daysAgo(0), daysAgo(1)];

  it('show in the reasons', () => {
    const old = daysAgo(300, { hold: pinned });
    expect(verdictOf(old, [...recent, old], rules).reasons).toEqual(['pinned: the merger']);
    const parent = daysAgo(300, { neededBy: 'another builds on it' });
    expect(verdictOf(parent, [...recent, parent], rules)).toMatchObject({
      fate: 'stays',
      reasons: ['another builds on it'],
    });
  });

  it('let bytes go after the grace period only', () => {
    const fateOf = (ms: number): string => {
      const old = daysAgo(300, { hold: expiredFor(ms) });
      return verdictOf(old, [...recent, old], rules).fate;
    };
    expect([fateOf(0), fateOf(graceMs - 1), fateOf(graceMs), fateOf(-90 * dayMs)]).toEqual([
      'waits',
      'waits',
      'goes',
      'waits',
    ]);
  });

  it('keep the bytes of what turns out to be needed after all', () => {
    const old = daysAgo(300, { hold: expiredFor(10 * dayMs) });
    expect(verdictOf(old, [daysAgo(0), old], rules)).toMatchObject({ fate: 'waits' });
    const proven = daysAgo(300, { hold: expiredFor(10 * dayMs), state: 'proven' });
    expect(verdictOf(proven, [...recent, proven], rules).reasons[0]).toContain('the last proven one');
    const parent = daysAgo(300, { hold: expiredFor(10 * dayMs), neededBy: 'another builds on it' });
    expect(verdictOf(parent, [...recent, parent], rules).fate).toBe('waits');
  });
});
