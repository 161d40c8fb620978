/** The log of a run, for a file, for syslog, or both. */

import type { Clock } from '../domain/clock.ts';
import { messageOf } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import { isAtLeast, type LogLevel } from '../domain/log-level.ts';
import { openLogFile } from '../system/log-file.ts';
import type { LogSink } from '../system/log-sink.ts';
import { openSyslog } from '../system/syslog.ts';

export interface LogSettings {
  /** An absolute path; null is none. */
  readonly file: string | null;
  readonly syslog: boolean;
  /** What matters less is left out. */
  readonly level: LogLevel;
}

export interface RunLog {
  write(level: LogLevel, text: string): void;
  /** Findings for what could not be written. */
  close(): Promise<readonly Finding[]>;
}

export interface OpenedLog {
  readonly log: RunLog;
  /** A log that cannot be opened is to be weighed, and no reason to do nothing. */
  readonly findings: readonly Finding[];
}

export async function openRunLog({ file, syslog, level }: LogSettings, clock: Clock): Promise<OpenedLog> {
  const sinks: { readonly name: string; readonly sink: LogSink }[] = [];
  const findings: Finding[] = [];
  const add = async (name: string, open: () => LogSink | Promise<LogSink>): Promise<void> => {
    try {
      sinks.push({ name, sink: await open() });
    } catch (thrown) {
      findings.push(notWritten(name, messageOf(thrown)));
    }
  };
  if (file !== null) await add(file, () => openLogFile(file, clock));
  if (syslog) await add('syslog', openSyslog);
  const log: RunLog = {
    write: (its, text) => {
      if (!isAtLeast(its, level)) return;
      for (const { sink } of sinks) sink.write(its, oneLine(text));
    },
    close: async () => {
      const problems = await Promise.all(
        sinks.map(async ({ name, sink }) => {
          const problem = await sink.close();
          return problem === null ? [] : [notWritten(name, problem)];
        }),
      );
      return problems.flat();
    },
  };
  return { log, findings };
}

function notWritten(name: string, problem: string): Finding {
  return {
    severity: 'warning',
    code: 'log-not-written',
    message: `the log ${name} could not be written: ${problem}`,
    hint: 'Check the folder and its permissions, or name another place (--log-file, LOG_FILE).',
  };
}

/** A line of the log is one line, whatever a server or program said. */
function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, '; ');
}
