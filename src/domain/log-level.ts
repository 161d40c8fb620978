/** How much a line of the log matters, least first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export function isAtLeast(level: LogLevel, threshold: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(threshold);
}

/** The priorities of syslog(3), which journald and `logger` read as `<6>` before a line. */
export function syslogPriority(level: LogLevel): number {
  return { debug: 7, info: 6, warn: 4, error: 3 }[level];
}
