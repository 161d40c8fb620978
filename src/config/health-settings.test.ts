import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { healthLimitsOf } from './health-settings.ts';
import { loadConfiguration } from './load.ts';
import { schedulesFor } from './schedule-settings.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function load(files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return loadConfiguration({ flags: {}, environment, cwd: folder, signal: new AbortController().signal });
}

const hours = 3_600_000;

it('limits come from the environment, the database, the file, .env, and what is usual, each by itself', async () => {
  const files = {
    '.env': 'ALERT_IF_OLDER_THAN_HOURS=20\nEXPECTED_DAILY_BACKUPS=4\n',
    'holdfast.yaml':
      'health: {maxAge: 30h, maxProofAge: 9d}\n' +
      'databases:\n  app: {url: file:a.db, health: {maxAge: 50h}}\n  other: {url: file:b.db}\n',
  };
  const written = (await load(files)).health;
  expect(healthLimitsOf(written, 'app')).toEqual({ maxAgeMs: 50 * hours, minCount: 4, maxProofAgeMs: 216 * hours });
  expect(healthLimitsOf(written, 'other').maxAgeMs).toBe(30 * hours);
  expect(healthLimitsOf(written, 'unknown').maxAgeMs).toBe(30 * hours);
  const { health } = await load(files, { MAX_AGE_HOURS: '2.5', EXPECTED_DAILY_BACKUPS: '0' });
  expect(healthLimitsOf(health, 'app')).toEqual({ maxAgeMs: 2.5 * hours, minCount: 0, maxProofAgeMs: 216 * hours });
});

it('without any they are 26 hours, one and 8 days', async () => {
  const { health } = await load({ '.env': 'DATABASE_URL=file:a.db\n' });
  expect(healthLimitsOf(health, 'a')).toEqual({ maxAgeMs: 26 * hours, minCount: 1, maxProofAgeMs: 192 * hours });
});

it('a schedule of one database lies over that of all, and zones over that of the file', async () => {
  const { schedule } = await load({
    'holdfast.yaml':
      'timezone: Europe/Berlin\nschedule: {backup: daily 02:00, drill: sunday 04:00 UTC}\n' +
      'databases:\n  app: {url: file:a.db, schedule: {backup: hourly}}\n  other: {url: file:b.db}\n',
  });
  const written = (database: string): unknown =>
    Object.entries(schedulesFor(schedule, database)).map(([operation, each]) => [
      operation,
      each.written,
      each.timeZone,
    ]);
  expect(written('app')).toEqual([
    ['backup', 'hourly', 'Europe/Berlin'],
    ['drill', 'sunday 04:00', 'UTC'],
  ]);
  expect(written('other')).toEqual([
    ['backup', 'daily 02:00', 'Europe/Berlin'],
    ['drill', 'sunday 04:00', 'UTC'],
  ]);
  expect(schedule.isDefault).toBe(false);
});

it('a schedule that means "or" is a warning; one that is no schedule is refused with its place', async () => {
  const { findings } = await load({
    'holdfast.yaml': 'databases:\n  app: {url: file:a.db, schedule: {drill: 0 4 1-7 * 0}}\n',
  });
  expect(findings).toMatchObject([
    { severity: 'warning', code: 'schedule-means-or', hint: 'Write: first sunday 04:00' },
  ]);
  expect(findings[0]?.message).toMatch(/^databases\.app\.schedule\.drill in holdfast\.yaml: "0 4 1-7 \* 0" means "or"/);
  await expect(load({ 'holdfast.yaml': 'schedule:\n  backup: 0 25 * * *\n' })).rejects.toThrow(
    /holdfast\.yaml:2:3: schedule\.backup: "25" is no hour/,
  );
  await expect(load({ 'holdfast.yaml': 'schedule:\n  bakup: hourly\n' })).rejects.toThrow(
    /unknown setting schedule\.bakup/,
  );
});
