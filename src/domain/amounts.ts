/** Amounts in words, decimal units: `1.2 GB`. The same everywhere a person reads them. */

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${bytes < 0 ? '-' : ''}${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

/** `320 ms`, `4.2 s`, `3 min 20 s`, `5 h 12 min`, `3 days 4 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${String(Math.round(durationMs))} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 2880) return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
  return `${String(Math.floor(minutes / 1440))} days ${String(Math.floor((minutes % 1440) / 60))} h`;
}

/** A length of time that a person chose, without an empty rest: `26 h`, `8 days`, else as `formatDuration`. */
export function formatLimit(durationMs: number): string {
  const hours = durationMs / 3_600_000;
  if (hours >= 48 && hours % 24 === 0) return `${String(hours / 24)} days`;
  return hours >= 1 && Number.isInteger(hours) ? `${String(hours)} h` : formatDuration(durationMs);
}

/** `1 table`, `26 tables`, `20,000 rows`: for words that take an `s`. */
export function countOf(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}
