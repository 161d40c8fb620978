import { describe, expect, it } from 'vitest';
import { sampleBackups, type SampleBackup } from '../../test/harness/sample-catalog.ts';
import { judgeHealth, usualHealthLimits, type DatabaseHealth, type HealthLimits } from './health.ts';

const now = new Date('2026-11-21T12:00:00Z');
const hourMs = 3_600_000;

async function judge(
  samples: readonly SampleBackup[],
  limits: Partial<HealthLimits> = {},
  runningHours: number | null = null,
): Promise<DatabaseHealth> {
  const backups = await sampleBackups(samples, now);
  const runningSince = runningHours === null ? null : new Date(now.getTime() - runningHours * hourMs);
  return judgeHealth({ database: 'app', backups, runningSince }, { ...usualHealthLimits, ...limits }, now);
}

async function failing(...given: Parameters<typeof judge>): Promise<readonly string[]> {
  const { healthy, checks } = await judge(...given);
  const failed = checks.filter(({ ok }) => !ok).map(({ check }) => check);
  expect(healthy).toBe(failed.length === 0);
  return failed;
}

describe('a database is healthy', () => {
  it('with a proven backup of last night', async () => {
    expect(await failing([{ hours: 10, proven: true }])).toEqual([]);
  });

  it('when the newest is of last night and the proven one of last week', async () => {
    expect(await failing([{ hours: 10 }, { hours: 24 * 7, proven: true }])).toEqual([]);
  });
});

describe('a database is unhealthy', () => {
  it('without any backup, for each of the three reasons', async () => {
    const { checks } = await judge([]);
    expect(checks.map(({ check, ok, actual, message }) => [check, ok, actual, message])).toEqual([
      ['newest', false, null, 'there is no whole, undamaged backup; one of the last 26 h is expected'],
      ['count', false, 0, '0 backups in the last 24 h; at least 1 is expected'],
      ['proof', false, null, 'no backup is proven; one of the last 8 days is expected'],
    ]);
    for (const { hint } of checks) expect(hint).toMatch(/holdfast \w+ app/);
  });

  it('when the newest is too old', async () => {
    expect(await failing([{ hours: 27, proven: true }])).toEqual(['newest', 'count']);
    expect(await failing([{ hours: 27, proven: true }], { minCount: 0 })).toEqual(['newest']);
  });

  it('when there were too few in the last day', async () => {
    expect(await failing([{ hours: 2, proven: true }], { minCount: 2 })).toEqual(['count']);
    expect(await failing([{ hours: 2, proven: true }, { hours: 20 }], { minCount: 2 })).toEqual([]);
    expect(await failing([{ hours: 2, proven: true }, { hours: 25 }], { minCount: 2 })).toEqual(['count']);
  });

  it('when the newest proven one is too old, or none is', async () => {
    expect(await failing([{ hours: 2 }])).toEqual(['proof']);
    expect(await failing([{ hours: 2 }, { hours: 24 * 9, proven: true }])).toEqual(['proof']);
  });

  it.each<[string, Partial<SampleBackup>]>([
    ['damaged', { damaged: true }],
    ['partial', { partial: true }],
    ['made for safety before a restore', { label: 'safety' }],
  ])('when all there is is %s', async (_what, facts) => {
    expect(await failing([{ hours: 2, proven: true, ...facts }])).toEqual(['newest', 'count', 'proof']);
  });

  it('when the newest comes from a clock that is days ahead', async () => {
    expect(await failing([{ hours: -72 }, { hours: 30, proven: true }])).toEqual(['newest', 'count']);
    expect(await failing([{ hours: -0.5, proven: true }])).toEqual([]);
  });
});

it('a limit is met at the very limit', async () => {
  const samples = [{ hours: 25, proven: true }];
  expect(await failing(samples, { maxAgeMs: 25 * hourMs, minCount: 0 })).toEqual([]);
  expect(await failing(samples, { maxAgeMs: 25 * hourMs - 1, minCount: 0 })).toEqual(['newest']);
});

it('while a backup is being made, yesterday’s still counts', async () => {
  const yesterday = [{ hours: 24.2, proven: true }];
  expect(await failing(yesterday)).toEqual(['count']);
  expect(await failing(yesterday, {}, 0.5)).toEqual([]);
});
