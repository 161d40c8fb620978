/**
 * The line that shows how far things are: rewritten in place on a terminal, written anew every ten seconds elsewhere.
 * It rests when nothing is being done that it could tell of: after an answer, during a question.
 */

import type { Clock } from '../../domain/clock.ts';
import type { ProgressEvent } from '../../domain/work.ts';
import { startProgressMeter } from '../../jobs/progress.ts';
import type { TextSink } from './output.ts';
import { renderProgress } from './progress-line.ts';
import type { Style } from './style.ts';
import { taggedLine } from './tagged-line.ts';

export interface LiveLine {
  readonly take: (event: ProgressEvent) => void;
  /** Off the terminal, so that other text may be written; it comes back by itself. */
  readonly clear: () => void;
  /** Off the terminal until there is progress again. */
  readonly rest: () => void;
  readonly close: () => void;
}

export interface LiveLineOptions {
  readonly log: TextSink;
  readonly style: Style;
  readonly clock: Clock;
  readonly quiet: boolean;
}

const terminalRefreshMs = 200;
const plainRefreshMs = 10_000;
const plainLookMs = 1000;
const clearLine = '\r\u001B[K';

export function openLiveLine({ log, style, clock, quiet }: LiveLineOptions): LiveLine {
  const meter = startProgressMeter(clock);
  let isShown = false;
  let isResting = true;
  let lastPlainMs = clock.monotonicMs();

  const clear = (): void => {
    if (isShown) log.write(clearLine);
    isShown = false;
  };
  const rest = (): void => {
    isResting = true;
    clear();
  };
  const show = (): void => {
    const figures = meter.figures();
    if (figures === null || quiet || isResting) return;
    if (log.isTerminal) {
      log.write(`${clearLine}${style.dim(renderProgress(figures, log.columns()))}`);
      isShown = true;
      return;
    }
    const nowMs = clock.monotonicMs();
    if (nowMs - lastPlainMs < plainRefreshMs || figures.doneBytes === 0) return;
    lastPlainMs = nowMs;
    log.write(`${taggedLine(log, 'info', renderProgress(figures, null))}\n`);
  };
  const timer = setInterval(show, log.isTerminal ? terminalRefreshMs : plainLookMs);
  timer.unref();

  return {
    clear,
    rest,
    take: (event) => {
      meter.take(event);
      if (event.kind === 'note') return;
      isResting = false;
      if (event.kind !== 'step') return;
      lastPlainMs = clock.monotonicMs();
      if (log.isTerminal) show();
    },
    close: () => {
      clearInterval(timer);
      rest();
    },
  };
}
