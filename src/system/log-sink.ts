/** Where lines of a log go. Writing never throws: a log that fails must not stop what it tells of. */

import type { LogLevel } from '../domain/log-level.ts';

export interface LogSink {
  write(level: LogLevel, text: string): void;
  /** Resolves when everything is out; with what went wrong, or null. */
  close(): Promise<string | null>;
}
