/**
 * Output for people. On a terminal: short lines and one progress line that is rewritten. Elsewhere: `[INFO]` and `[WARN]`
 * lines, progress at most every ten seconds. Warnings and errors go to standard error.
 */

import type { Clock } from '../../domain/clock.ts';
import type { HoldfastError } from '../../domain/error.ts';
import type { Finding } from '../../domain/finding.ts';
import { printable } from './format.ts';
import { openLiveLine } from './live-line.ts';
import type { Output, TextSink } from './output.ts';
import type { Style } from './style.ts';
import { priorityLine, taggedLine } from './tagged-line.ts';

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

export function openTextOutput(options: TextOptions): Output {
  const { out, err, log, style, errorStyle, quiet, verbose } = options;
  const line = openLiveLine(options);
  const write = (sink: TextSink, text: string): void => {
    line.clear();
    sink.write(`${text}\n`);
  };
  const info = (text: string): void => {
    if (!quiet) write(log, taggedLine(log, 'info', text));
  };
  return {
    style,
    info,
    pause: line.rest,
    result: line.rest,
    close: line.close,
    print: (lines) => {
      line.rest();
      for (const text of lines) write(out, text);
    },
    emit: () => undefined,
    finding: (finding) => {
      for (const text of findingLines(finding, errorStyle, err, quiet)) write(err, text);
    },
    report: (event) => {
      line.take(event);
      if (event.kind === 'step') {
        if (!log.isTerminal || verbose) info(printable(event.text));
      } else if (event.kind === 'note') {
        if (event.level === 'warn') write(err, warnLine(event.text, errorStyle, err));
        else if (!log.isTerminal || verbose) info(printable(event.text));
      }
    },
    error: (error) => {
      line.rest();
      for (const text of errorLines(error, errorStyle, verbose)) write(err, priorityLine(err, 'error', text));
    },
  };
}

function warnLine(text: string, style: Style, sink: TextSink): string {
  return taggedLine(sink, 'warn', sink.isTerminal ? `${style.warn('warning:')} ${printable(text)}` : printable(text));
}

function findingLines(finding: Finding, style: Style, sink: TextSink, quiet: boolean): readonly string[] {
  const { severity } = finding;
  if (severity === 'note') {
    if (quiet) return [];
    const text = printable(finding.message);
    const hint = finding.hint === '' ? '' : ` (${printable(finding.hint)})`;
    return [taggedLine(sink, 'info', sink.isTerminal ? `${style.dim('note:')} ${text}${hint}` : `${text}${hint}`)];
  }
  const line =
    severity === 'warning'
      ? warnLine(finding.message, style, sink)
      : taggedLine(sink, 'error', `${sink.isTerminal ? `${style.bad('stop:')} ` : ''}${printable(finding.message)}`);
  if (finding.hint === '') return [line];
  const level = severity === 'warning' ? 'warn' : 'error';
  return [line, priorityLine(sink, level, `  ${style.dim('hint:')} ${printable(finding.hint)}`)];
}

/** What other programs say comes in several lines. */
function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, '; ');
}

function errorLines(error: HoldfastError, style: Style, verbose: boolean): readonly string[] {
  const lines = [
    `${style.bad('error:')} ${printable(oneLine(error.message))}`,
    `${style.warn('hint:')} ${printable(oneLine(error.hint))}`,
  ];
  if (!verbose) return lines;
  const stacks: string[] = [];
  for (let thrown: unknown = error; thrown instanceof Error; thrown = thrown.cause)
    stacks.push(thrown.stack ?? thrown.message);
  return [...lines, ...stacks.flatMap((stack) => stack.split('\n').map((line) => style.dim(printable(line))))];
}
