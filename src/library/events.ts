/** What a call tells while it works. */

import type { Clock } from '../domain/clock.ts';
import type { Finding } from '../domain/finding.ts';
import type { ProgressEvent } from '../domain/work.ts';
import { startProgressMeter } from '../jobs/progress.ts';

export type HoldfastEvent =
  /** A new step begins, in words: `comparing 26 tables`. */
  | { readonly kind: 'step'; readonly text: string }
  /** How far the present step is; at most ten a second. Null is what nobody can know. */
  | {
      readonly kind: 'progress';
      readonly step: string;
      readonly doneBytes: number;
      readonly totalBytes: number | null;
      readonly bytesPerSecond: number | null;
      readonly secondsLeft: number | null;
    }
  /** A line worth keeping in a log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string }
  /** Something to weigh; the answer holds all of them once more. */
  | { readonly kind: 'finding'; readonly finding: Finding };

const leastMs = 100;

/** From what operations report to what callers are told. */
export function eventsFrom(clock: Clock, tell: (event: HoldfastEvent) => void): (event: ProgressEvent) => void {
  const meter = startProgressMeter(clock);
  let lastMs = -Infinity;
  return (event) => {
    meter.take(event);
    if (event.kind !== 'bytes') {
      tell(event);
      return;
    }
    const nowMs = clock.monotonicMs();
    const figures = meter.figures();
    if (figures === null || nowMs - lastMs < leastMs) return;
    lastMs = nowMs;
    const { step, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = figures;
    tell({ kind: 'progress', step, doneBytes, totalBytes, bytesPerSecond, secondsLeft });
  };
}
