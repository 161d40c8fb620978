import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unknownSubject, type RunRecord, type RunStart } from '../domain/run.ts';
import { processStartTicks } from '../system/process-alive.ts';
import { wallClock } from '../system/wall-clock.ts';
import { appendToJournal, readRuns } from './run-journal.ts';

const onlooker = { clock: wallClock, host: 'db1' };
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-journal-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function startOf(number: number): RunStart {
  return {
    id: `run-${String(number)}`,
    verb: 'backup',
    database: 'app',
    repository: '/srv/backups',
    started: new Date(Date.UTC(2026, 10, 21, 2, 0, number)).toISOString(),
    host: 'db1',
    writer: 'holdfast 0.1.0',
    pid: process.pid,
    startedTicks: processStartTicks(process.pid),
  };
}

function recordOf(number: number, changes: Partial<RunRecord> = {}): RunRecord {
  const start = startOf(number);
  return {
    ...start,
    ...unknownSubject,
    database: 'app',
    finished: start.started,
    durationMs: 1,
    outcome: 'done',
    exit: 0,
    error: null,
    findings: [],
    ...changes,
  };
}

it('is empty before the first run', async () => {
  expect(await readRuns(folder, onlooker)).toEqual([]);
});

it('keeps what was appended, readable by its owner only', async () => {
  await appendToJournal(folder, { event: 'start', ...startOf(1) });
  expect((await readRuns(folder, onlooker)).map(({ outcome }) => outcome)).toEqual(['running']);
  await appendToJournal(folder, { event: 'end', ...recordOf(1) });
  expect((await readRuns(folder, onlooker))[0]?.record).toEqual(recordOf(1));
  expect((await stat(join(folder, 'runs/journal.jsonl'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'runs'))).mode & 0o777).toBe(0o700);
});

it('passes over a torn last line, and the next line does not suffer from it', async () => {
  await appendToJournal(folder, { event: 'end', ...recordOf(1) });
  await appendFile(join(folder, 'runs/journal.jsonl'), '{"event":"end","id":"torn","verb":"ba');
  expect(await readRuns(folder, onlooker)).toHaveLength(1);
  await appendToJournal(folder, { event: 'end', ...recordOf(2) });
  expect((await readRuns(folder, onlooker)).map(({ start }) => start.id)).toEqual(['run-2', 'run-1']);
});

it('stays within its bounds and keeps the newest runs', async () => {
  const maximumBytes = 4000;
  for (let number = 1; number <= 60; number += 1) {
    await appendToJournal(folder, { event: 'start', ...startOf(number) }, maximumBytes);
    await appendToJournal(folder, { event: 'end', ...recordOf(number) }, maximumBytes);
  }
  const names = (await readdir(join(folder, 'runs'))).filter((name) => name.endsWith('.jsonl'));
  expect(names.toSorted()).toEqual(['journal.1.jsonl', 'journal.jsonl']);
  for (const name of names) expect((await stat(join(folder, 'runs', name))).size).toBeLessThan(maximumBytes + 1500);
  const runs = await readRuns(folder, onlooker);
  expect(runs.length).toBeGreaterThan(5);
  expect(runs.length).toBeLessThan(20);
  expect(runs[0]?.start.id).toBe('run-60');
});

it('loses no line when many append at once, rotation included', async () => {
  await appendToJournal(folder, {
    event: 'end',
    ...recordOf(0, { error: { code: 'x', message: 'y'.repeat(1500), hint: '' } }),
  });
  await Promise.all(
    Array.from({ length: 20 }, (_, number) =>
      appendToJournal(folder, { event: 'start', ...startOf(number + 1) }, 1000),
    ),
  );
  expect(await readRuns(folder, onlooker)).toHaveLength(21);
});

it('shortens what is far too long', async () => {
  const finding = { severity: 'warning', code: 'x', message: 'z'.repeat(10_000), hint: '' } as const;
  await appendToJournal(folder, {
    event: 'end',
    ...recordOf(1, { findings: Array.from({ length: 500 }, () => finding) }),
  });
  expect((await readFile(join(folder, 'runs/journal.jsonl'))).length).toBeLessThan(60_000);
  expect((await readRuns(folder, onlooker))[0]?.record?.findings).toHaveLength(20);
});
