/**
 * Turns what an operation reports into figures for people: how far, how fast, how long still. The rate is that of the
 * last few seconds, smoothed, so that a pause shows and a burst does not mislead.
 */

import type { Clock } from '../domain/clock.ts';
import type { ProgressEvent } from '../domain/work.ts';

export interface ProgressFigures {
  /** The present step, in words. */
  readonly step: string;
  readonly doneBytes: number;
  /** Null when nobody can know it. */
  readonly totalBytes: number | null;
  /** From 0 to 1; null without a total. */
  readonly fraction: number | null;
  /** Null until there is something to measure. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly elapsedMs: number;
}

export interface ProgressMeter {
  take(event: ProgressEvent): void;
  /** Null before the first step. */
  figures(): ProgressFigures | null;
}

/** Time constant of the smoothing: older speed counts for 1/e of what it did after this long. */
const smoothingMs = 4000;
/** Events that come faster are put together: a rate over a millisecond says nothing. */
const sampleMs = 200;
/** When nothing was reported for so long, that is itself a measurement. */
const stallMs = 2000;

interface Sample {
  readonly timeMs: number;
  readonly doneBytes: number;
}

export function startProgressMeter(clock: Clock): ProgressMeter {
  let step: string | null = null;
  let begunMs = clock.monotonicMs();
  let doneBytes = 0;
  let totalBytes: number | null = null;
  let last: Sample = { timeMs: begunMs, doneBytes: 0 };
  let rate: number | null = null;

  const beginStep = (text: string): void => {
    step = text;
    begunMs = clock.monotonicMs();
    doneBytes = 0;
    totalBytes = null;
    rate = null;
    last = { timeMs: begunMs, doneBytes: 0 };
  };

  const sample = (leastMs: number): void => {
    const timeMs = clock.monotonicMs();
    const passedMs = timeMs - last.timeMs;
    if (passedMs < leastMs) return;
    const present = ((doneBytes - last.doneBytes) / passedMs) * 1000;
    const weight = 1 - Math.exp(-passedMs / smoothingMs);
    rate = rate === null ? present : rate + (present - rate) * weight;
    last = { timeMs, doneBytes };
  };

  return {
    take: (event) => {
      if (event.kind === 'step') beginStep(event.text);
      if (event.kind !== 'bytes') return;
      step ??= '';
      // A count that goes back is a new beginning: the rate of the old one says nothing.
      if (event.doneBytes < doneBytes) beginStep(step);
      ({ doneBytes, totalBytes } = event);
      sample(sampleMs);
    },
    figures: () => {
      if (step === null) return null;
      sample(stallMs);
      const fraction = totalBytes === null || totalBytes === 0 ? null : Math.min(1, doneBytes / totalBytes);
      const leftBytes = totalBytes === null ? null : Math.max(0, totalBytes - doneBytes);
      return {
        step,
        doneBytes,
        totalBytes,
        fraction,
        bytesPerSecond: rate,
        secondsLeft: leftBytes === null || rate === null || rate <= 0 ? null : leftBytes / rate,
        elapsedMs: clock.monotonicMs() - begunMs,
      };
    },
  };
}
