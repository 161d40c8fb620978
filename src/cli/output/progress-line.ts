/** One line that says how far a step is: `reading app  412 MB of 1.6 GB  26 %  138 MB/s  8.6 s left`. */

import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import type { ProgressFigures } from '../../jobs/progress.ts';
import { formatRate } from './format.ts';

export function renderProgress(figures: ProgressFigures, columns: number | null): string {
  const parts: string[] = [];
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
  if (parts.length === 0 && figures.elapsedMs >= 1000) parts.push(formatDuration(figures.elapsedMs));
  const rest = parts.map((part) => `  ${part}`).join('');
  return columns === null ? figures.step + rest : fit(figures.step, rest, columns);
}

/** What is too long for the terminal loses words before it loses figures. */
function fit(step: string, rest: string, columns: number): string {
  // The last column stays free: some terminals begin a new line when it is written.
  const room = columns - 1;
  if (step.length + rest.length <= room) return step + rest;
  const stepRoom = Math.max(shortestStep, room - rest.length);
  const short = step.length > stepRoom ? `${step.slice(0, stepRoom - 1)}…` : step;
  return (short + rest).slice(0, room);
}

const shortestStep = 10;

/** Beyond two days a guess helps nobody. */
const maximumSecondsLeft = 48 * 3600;
