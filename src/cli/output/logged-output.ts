/** What a command says, written into the log of its run as well. */

import { stripVTControlCharacters } from 'node:util';
import type { LogLevel } from '../../domain/log-level.ts';
import { findingText, levelOf, logProgress } from '../../jobs/logged-run.ts';
import type { RunLog } from '../../jobs/run-log.ts';
import { printable } from './format.ts';
import type { Output } from './output.ts';

export function withLog(output: Output, log: RunLog): Output {
  const write = (level: LogLevel, text: string): void => {
    const plain = printable(stripVTControlCharacters(text));
    if (plain.trim() !== '') log.write(level, plain);
  };
  return {
    ...output,
    info: (text) => {
      write('info', text);
      output.info(text);
    },
    print: (lines) => {
      for (const line of lines) write('info', line);
      output.print(lines);
    },
    finding: (finding) => {
      write(levelOf(finding), findingText(finding));
      output.finding(finding);
    },
    report: (event) => {
      logProgress({ write }, event);
      output.report(event);
    },
  };
}
