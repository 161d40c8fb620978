/**
 * A log file. It is opened anew for each line, so that a file that logrotate moved away is left alone and a new one begun,
 * without a signal; and so that no line is lost with the process.
 */

import { appendFileSync } from 'node:fs';
import type { Clock } from '../domain/clock.ts';
import { messageOf } from '../domain/error.ts';
import type { LogSink } from './log-sink.ts';

/** Throws what the file system throws when it cannot be written to. */
export function openLogFile(path: string, clock: Clock): LogSink {
  const append = (text: string): void => {
    appendFileSync(path, text, { mode: 0o640 });
  };
  append('');
  let problem: string | null = null;
  return {
    write: (level, text) => {
      const time = clock.now().toISOString().replace(/\.\d+/, '');
      try {
        append(`${time} [${level.toUpperCase()}] ${text}\n`);
      } catch (thrown) {
        problem ??= messageOf(thrown);
      }
    },
    close: async () => problem,
  };
}
