/** One line that says how far a step is: `reading app  412 MB of 1.6 GB  26 %  138 MB/s  8.6 s left`. */

import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import type { ProgressFigures } from '../../jobs/progress.ts';
import { formatRate } from './format.ts';

export function renderProgress(figures: ProgressFigures, columns: number | null): string {
  const parts = [figures.step];
  if (figures.totalBytes !== null) {
    parts.push(`${formatBytes(figures.doneBytes)} of ${formatBytes(figures.totalBytes)}`);
  } else if (figures.doneBytes > 0) {
    parts.push(formatBytes(figures.doneBytes));
  }
  if (figures.fraction !== null) parts.push(`${String(Math.floor(figures.fraction * 100))} %`);
  if (figures.bytesPerSecond !== null && figures.bytesPerSecond > 0) parts.push(formatRate(figures.bytesPerSecond));
  if (figures.secondsLeft !== null && figures.secondsLeft < maximumSecondsLeft) {
    parts.push(`${formatDuration(figures.secondsLeft * 1000)} left`);
  }
  if (parts.length === 1 && figures.elapsedMs >= 1000) parts.push(formatDuration(figures.elapsedMs));
  const line = parts.filter((part) => part !== '').join('  ');
  return columns === null || line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** Beyond two days a guess helps nobody. */
const maximumSecondsLeft = 48 * 3600;
