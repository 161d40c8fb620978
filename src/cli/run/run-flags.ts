/** The flags of every verb whose runs are recorded. */

import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { RecordSettings } from '../../config/record-settings.ts';
import { logLevels, type LogLevel } from '../../domain/log-level.ts';

export interface RunFlags {
  readonly metricsFile?: string;
  readonly logFile?: string;
  readonly logLevel?: LogLevel;
  readonly syslog?: boolean;
  /** Of a backup: of every database of the server, so of none in particular. */
  readonly all?: boolean;
}

export function addRunFlags(command: Command): void {
  command
    .optionsGroup('Record:')
    .option('--metrics-file <FILE>', 'write figures of the run to FILE (JSON) and FILE.prom (node_exporter)')
    .option('--log-file <FILE>', 'append what is said to FILE (default: LOG_FILE)')
    .option('--log-level <LEVEL>', 'debug, info (default), warn or error', parseLogLevel)
    .option('--syslog', 'send what is said to syslog');
}

/** A flag before what is configured. */
export function recordSettingsOf(flags: RunFlags, configured: RecordSettings, cwd: string): RecordSettings {
  return {
    ...configured,
    metricsFile: flags.metricsFile === undefined ? configured.metricsFile : resolve(cwd, flags.metricsFile),
    logFile: flags.logFile === undefined ? configured.logFile : resolve(cwd, flags.logFile),
    logLevel: flags.logLevel ?? configured.logLevel,
    syslog: flags.syslog ?? configured.syslog,
  };
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((one) => one === text);
  if (level !== undefined) return level;
  throw new InvalidArgumentError(`It must be one of ${logLevels.join(', ')}.`);
}
