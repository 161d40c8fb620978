import { describe, expect, it } from 'vitest';
import { dayMs, makeCandidate, someNow as now } from '../../../test/harness/retention.ts';
import type { Fate } from '../retention-plan.ts';
import { findBrakes } from './brakes.ts';

function brakesOf(fates: readonly Fate[], at = now, justMade: string | null = null): readonly string[] {
  const candidates = fates.map((_, day) => makeCandidate(new Date(now.getTime() - (day + 1) * dayMs)));
  const verdicts = candidates.map(({ id }, index) => ({ id, fate: fates[index] ?? 'stays', reasons: ['a rule'] }));
  return findBrakes({ database: 'app', verdicts, candidates, justMade, now: at }).map(({ code }) => code);
}

describe('nothing goes', () => {
  it('when half of all or more would', () => {
    expect(brakesOf(['expires', 'expires', 'stays', 'stays'])).toEqual(['expiry-half']);
    expect(brakesOf(['expires', 'expires', 'stays', 'stays', 'stays'])).toEqual([]);
    expect(brakesOf(['expires', 'expires', 'expires'])).toEqual(['expiry-half']);
  });

  it('counting only those that have no tombstone yet', () => {
    expect(brakesOf(['expires', 'expires', 'stays', 'waits', 'goes', 'waits'])).toEqual(['expiry-half']);
    expect(brakesOf(['expires', 'stays', 'stays', 'goes', 'goes', 'goes'])).toEqual([]);
  });

  it('unless it is one alone, as where only the last one is kept', () => {
    expect(brakesOf(['stays', 'expires'])).toEqual([]);
  });

  it('when the clock is before the newest backup of an earlier run, or 40 days past it', () => {
    const after = (days: number): readonly string[] => brakesOf(['stays'], new Date(now.getTime() + days * dayMs));
    expect(after(0)).toEqual([]);
    expect(after(38.9)).toEqual([]);
    expect(after(39.1)).toEqual(['expiry-clock']);
    expect(after(-1)).toEqual(['expiry-clock']);
    expect(brakesOf([], new Date('2099-01-01T00:00:00Z'))).toEqual([]);
  });

  it('and the backup of this very run is no witness of the clock', () => {
    const future = new Date('2099-01-01T00:00:00Z');
    const made = makeCandidate(future);
    const old = makeCandidate(now);
    const request = { database: 'app', verdicts: [], candidates: [made, old], now: new Date(made.finishedMs) };
    expect(findBrakes({ ...request, justMade: made.id })).toHaveLength(1);
    expect(findBrakes({ ...request, justMade: null })).toHaveLength(0);
  });
});
