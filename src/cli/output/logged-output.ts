/** What a command says, written into the log of its run as well. */

import { stripVTControlCharacters } from 'node:util';
import type { LogLevel } from '../../domain/log-level.ts';
import type { Finding } from '../../domain/finding.ts';
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
      write(levelOf(finding), `${finding.message}${finding.hint === '' ? '' : ` (${finding.hint})`}`);
      output.finding(finding);
    },
    report: (event) => {
      if (event.kind === 'step') write('info', event.text);
      else if (event.kind === 'note') write(event.level, event.text);
      output.report(event);
    },
  };
}

function levelOf({ severity }: Finding): LogLevel {
  return severity === 'blocking' ? 'error' : severity === 'warning' ? 'warn' : 'info';
}
