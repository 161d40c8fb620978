/**
 * Output for programs: one JSON object per line on standard output and nothing else (docs/json.md). The last line is
 * `result` or `error`.
 */

import type { Clock } from '../../domain/clock.ts';
import { startProgressMeter } from '../../jobs/progress.ts';
import type { JsonRecord, Output, TextSink } from './output.ts';
import { makeStyle } from './style.ts';

const progressMs = 1000;

export function openJsonOutput(out: TextSink, clock: Clock): Output {
  const meter = startProgressMeter(clock);
  let lastMs = clock.monotonicMs();
  let moved = false;
  const emit = (record: JsonRecord): void => {
    out.write(`${JSON.stringify(record, plainValue)}\n`);
  };
  const tick = (): void => {
    const figures = meter.figures();
    const nowMs = clock.monotonicMs();
    if (!moved || figures === null || nowMs - lastMs < progressMs) return;
    lastMs = nowMs;
    moved = false;
    emit({
      type: 'progress',
      step: figures.step,
      doneBytes: figures.doneBytes,
      totalBytes: figures.totalBytes,
      bytesPerSecond: rounded(figures.bytesPerSecond),
      secondsLeft: rounded(figures.secondsLeft),
    });
  };
  return {
    style: makeStyle(false),
    info: () => undefined,
    print: () => undefined,
    emit,
    finding: ({ severity, code, message, hint }) => {
      emit({ type: 'finding', severity, code, message, hint });
    },
    report: (event) => {
      meter.take(event);
      if (event.kind === 'step') emit({ type: 'step', text: event.text });
      else if (event.kind === 'note') emit({ type: 'note', level: event.level, text: event.text });
      else {
        moved = true;
        tick();
      }
    },
    result: (command, exit, facts) => {
      emit({ type: 'result', command, exit, ...facts });
    },
    error: ({ code, message, hint, exit }) => {
      emit({ type: 'error', code, message, hint, exit });
    },
    pause: () => undefined,
    close: () => undefined,
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

/** Numbers beyond 2^53 as decimal text. */
function plainValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
