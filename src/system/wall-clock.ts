/** The machine's time: the only place that asks for it. */

import { performance } from 'node:perf_hooks';
import type { Clock } from '../domain/clock.ts';

export const wallClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
