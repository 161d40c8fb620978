/**
 * Output for people. On a terminal: short lines and one progress line that is rewritten. Elsewhere: `[INFO]` and `[WARN]`
 * lines, progress at most every ten seconds. Warnings and errors go to standard error.
 */

import type { Clock } from '../../domain/clock.ts';
import type { HoldfastError } from '../../domain/error.ts';
import type { Finding } from '../../domain/finding.ts';
import { startProgressMeter } from '../../jobs/progress.ts';
import { printable } from './format.ts';
import type { Output, TextSink } from './output.ts';
import { renderProgress } from './progress-line.ts';
import type { Style } from './style.ts';

export interface TextOptions {
  readonly out: TextSink;
  readonly err: TextSink;
  /** Where the log goes; standard error for commands whose answer is standard output itself. */
  readonly log: TextSink;
  readonly style: Style;
  readonly errorStyle: Style;
  readonly clock: Clock;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const terminalRefreshMs = 200;
const plainRefreshMs = 10_000;
const clearLine = '\r\u001B[K';

export function openTextOutput(options: TextOptions): Output {
  const { out, err, log, style, errorStyle } = options;
  const meter = startProgressMeter(options.clock);
  let hasLine = false;
  // True while nothing is being done that a line could tell of: after an answer, during a question.
  let isResting = true;
  let lastPlainMs = options.clock.monotonicMs();

  const clear = (): void => {
    if (hasLine) log.write(clearLine);
    hasLine = false;
  };
  const rest = (): void => {
    isResting = true;
    clear();
  };
  const write = (sink: TextSink, text: string): void => {
    clear();
    sink.write(`${text}\n`);
  };
  const info = (text: string): void => {
    if (options.quiet) return;
    write(log, log.isTerminal ? text : `[INFO] ${text}`);
  };
  const tick = (): void => {
    const figures = meter.figures();
    if (figures === null || options.quiet || isResting) return;
    if (log.isTerminal) {
      log.write(`${clearLine}${style.dim(renderProgress(figures, log.columns()))}`);
      hasLine = true;
      return;
    }
    const nowMs = options.clock.monotonicMs();
    if (nowMs - lastPlainMs < plainRefreshMs || figures.doneBytes === 0) return;
    lastPlainMs = nowMs;
    log.write(`[INFO] ${renderProgress(figures, null)}\n`);
  };
  const timer = setInterval(tick, log.isTerminal ? terminalRefreshMs : 1000);
  timer.unref();

  return {
    style,
    info,
    pause: rest,
    print: (lines) => {
      rest();
      for (const line of lines) write(out, line);
    },
    emit: () => undefined,
    finding: (finding) => {
      for (const line of findingLines(finding, errorStyle, err.isTerminal, options.quiet)) write(err, line);
    },
    report: (event) => {
      meter.take(event);
      if (event.kind !== 'note') isResting = false;
      if (event.kind === 'step') {
        lastPlainMs = options.clock.monotonicMs();
        if (log.isTerminal && !options.verbose) tick();
        else info(event.text);
      } else if (event.kind === 'note') {
        if (event.level === 'warn') write(err, warnLine(event.text, errorStyle, err.isTerminal));
        else if (options.verbose || !log.isTerminal) info(printable(event.text));
      }
    },
    result: rest,
    error: (error) => {
      for (const line of errorLines(error, errorStyle, options.verbose)) write(err, line);
    },
    close: () => {
      clearInterval(timer);
      rest();
    },
  };
}

function warnLine(text: string, style: Style, isTerminal: boolean): string {
  return isTerminal ? `${style.warn('warning:')} ${printable(text)}` : `[WARN] ${printable(text)}`;
}

function findingLines(finding: Finding, style: Style, isTerminal: boolean, quiet: boolean): readonly string[] {
  const { severity } = finding;
  if (severity === 'note') {
    if (quiet) return [];
    const text = printable(finding.message);
    const hint = finding.hint === '' ? '' : ` (${printable(finding.hint)})`;
    return [isTerminal ? `${style.dim('note:')} ${text}${hint}` : `[INFO] ${text}${hint}`];
  }
  const line =
    severity === 'warning'
      ? warnLine(finding.message, style, isTerminal)
      : isTerminal
        ? `${style.bad('stop:')} ${printable(finding.message)}`
        : `[ERROR] ${printable(finding.message)}`;
  return finding.hint === '' ? [line] : [line, `  ${style.dim('hint:')} ${printable(finding.hint)}`];
}

function errorLines(error: HoldfastError, style: Style, verbose: boolean): readonly string[] {
  const lines = [`${style.bad('error:')} ${printable(error.message)}`, `${style.warn('hint:')} ${printable(error.hint)}`];
  if (!verbose) return lines;
  const stacks: string[] = [];
  for (let thrown: unknown = error; thrown instanceof Error; thrown = thrown.cause) stacks.push(thrown.stack ?? thrown.message);
  return [...lines, ...stacks.flatMap((stack) => stack.split('\n').map((line) => style.dim(printable(line))))];
}
