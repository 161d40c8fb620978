/** Time for tests. */

import type { Clock } from '../../src/domain/clock.ts';

/** A clock that stands still until it is moved, or slept on. */
export function makeClock(start = '2026-11-21T02:00:00.000Z'): Clock & { advance(ms: number): void } {
  let nowMs = Date.parse(start);
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
