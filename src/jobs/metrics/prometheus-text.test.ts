import { expect, it } from 'vitest';
import { unknownSubject, type RunRecord } from '../../domain/run.ts';
import { updatedMetrics } from './prometheus-text.ts';

const backup: RunRecord = {
  ...unknownSubject,
  id: 'x',
  verb: 'backup',
  database: 'app',
  repository: null,
  started: '2026-11-21T02:00:00.000Z',
  host: 'db1',
  writer: 'holdfast 0.1.0',
  pid: 1,
  startedTicks: null,
  state: 'stored',
  plainBytes: 2000,
  storedBytes: 1000,
  finished: '2026-11-21T02:00:04.500Z',
  durationMs: 4500,
  outcome: 'done',
  exit: 0,
  error: null,
  findings: [],
};
const endedAt = Date.parse(backup.finished) / 1000;

it('names the series of the teams beside ours', () => {
  const text = updatedMetrics('', backup);
  expect(text).toContain(`holdfast_last_success_timestamp_seconds{verb="backup",database="app"} ${String(endedAt)}\n`);
  expect(text).toContain(`backup_last_success_timestamp{database="app"} ${String(endedAt)}\n`);
  expect(text).toContain('backup_file_size_bytes{database="app"} 1000\n');
  expect(text).toMatch(/^# HELP holdfast_last_run_success .+\n# TYPE holdfast_last_run_success gauge\n/m);
});

it('keeps the last success through a failure', () => {
  const failed: RunRecord = {
    ...backup,
    finished: '2026-11-22T02:00:00.000Z',
    outcome: 'failed',
    exit: 1,
    storedBytes: null,
  };
  const text = updatedMetrics(updatedMetrics('', backup), failed);
  expect(text).toContain(`holdfast_last_success_timestamp_seconds{verb="backup",database="app"} ${String(endedAt)}\n`);
  expect(text).toContain('holdfast_last_run_success{verb="backup",database="app"} 0\n');
  expect(text).toContain('backup_file_size_bytes{database="app"} 1000\n');
});

it('keeps what other verbs and databases wrote, and each series once', () => {
  const drill: RunRecord = { ...backup, verb: 'drill', state: 'proven' };
  let text = '';
  for (const run of [backup, { ...backup, database: 'shop' }, drill, backup]) text = updatedMetrics(text, run);
  expect(text.match(/^holdfast_last_run_success\{/gm)).toHaveLength(3);
  expect(text).toContain(`holdfast_last_proof_timestamp_seconds{database="app"} ${String(endedAt)}\n`);
});

it('lets a run that knows its database speak for one that did not get so far', () => {
  const lost: RunRecord = { ...backup, database: null, outcome: 'failed', exit: 1 };
  const text = updatedMetrics('', lost);
  expect(text).toContain('holdfast_last_run_success{verb="backup",database=""} 0\n');
  expect(updatedMetrics(text, backup)).not.toContain('database=""');
});

it('starts anew from a file that is something else', () => {
  expect(updatedMetrics('garbage\nholdfast_last_run_success{verb="backup",database="a"} NaN\n', backup)).toBe(
    updatedMetrics('', backup),
  );
});

it('escapes what would end a label', () => {
  const text = updatedMetrics('', { ...backup, database: 'a"b\\c' });
  expect(text).toContain('database="a\\"b\\\\c"');
  expect(updatedMetrics(text, backup)).toContain('database="a\\"b\\\\c"');
});
