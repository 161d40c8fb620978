import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, makeRules, newest, noOlderThan } from '../../test/harness/retention.ts';
import { describeRules, type KeepRules } from '../domain/retention/keep-rules.ts';
import type { Configuration } from './configuration.ts';
import { rulesFor } from './keep-rules.ts';
import { loadConfiguration } from './load.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-keep-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function load(yaml: string, environment: Readonly<Record<string, string>> = {}): Promise<Configuration> {
  if (yaml !== '') await writeFile(join(folder, 'holdfast.yaml'), yaml);
  return loadConfiguration({ flags: {}, environment, cwd: folder, signal: new AbortController().signal });
}

async function rulesIn(keep: string, database = 'app'): Promise<KeepRules | null> {
  return rulesFor((await load(`keep: ${keep}`)).keep, database);
}

describe('keep: in holdfast.yaml', () => {
  it('takes counts, ages, labels and a minimum', async () => {
    expect(await rulesIn('{daily: 30, weekly: 12, monthly: 12, yearly: 7}')).toEqual(
      makeRules({ daily: newest(30), weekly: newest(12), monthly: newest(12), yearly: newest(7) }),
    );
    expect(
      await rulesIn('{within: 36h, last: 5, hourly: 48, weekly: 90d, monthly: 6mo, yearly: 7y, minimum: 3}'),
    ).toEqual(
      makeRules({
        withinMs: 36 * hourMs,
        last: 5,
        hourly: newest(48),
        weekly: noOlderThan(90),
        monthly: noOlderThan(186),
        yearly: noOlderThan(2562),
        minimum: 3,
      }),
    );
    expect(await rulesIn('{days: 30}')).toEqual(makeRules({ withinMs: 30 * dayMs }));
    expect((await rulesIn('{days: 1, labels: {pre-deploy: until-next, critical: 90d, nightly: 5}}'))?.labels).toEqual({
      safety: noOlderThan(7),
      'pre-deploy': newest(1),
      critical: noOlderThan(90),
      nightly: newest(5),
    });
  });

  it('of a database comes before that for all, key by key', async () => {
    const { keep } = await load(
      [
        'keep: {within: 30d, weekly: 12, labels: {critical: 90d}}',
        'databases:',
        '  app: {keep: {days: 7, weekly: 0, yearly: 5, labels: {critical: 1y}}}',
        '  archive: {keep: forever}',
        '  other:',
      ].join('\n'),
    );
    expect(rulesFor(keep, 'app')).toEqual(
      makeRules({ withinMs: 7 * dayMs, yearly: newest(5), labels: { critical: noOlderThan(366) } }),
    );
    expect(rulesFor(keep, 'archive')).toBeNull();
    const usual = makeRules({ withinMs: 30 * dayMs, weekly: newest(12), labels: { critical: noOlderThan(90) } });
    expect(rulesFor(keep, 'other')).toEqual(usual);
    expect(rulesFor(keep, 'only-in-the-repository')).toEqual(usual);
    expect(keep.origin).toBe('keep in holdfast.yaml');
  });

  it('that lets nothing go is no rule', async () => {
    for (const keep of ['{}', '{minimum: 3}', '{daily: 0}', 'forever']) expect(await rulesIn(keep), keep).toBeNull();
    expect(rulesFor((await load('')).keep, 'app')).toBeNull();
  });

  it.each([
    ['{dayly: 30}', /unknown setting keep\.dayly/],
    ['{daily: 30x}', /keep\.daily: must be a number, or an age such as/],
    ['{daily: 12m}', /keep\.daily: must be a number, or an age such as/],
    ['{daily: -1}', /keep\.daily: must not be negative/],
    ['{minimum: 0}', /keep\.minimum: must be at least 1/],
    ['{within: 30d, days: 30}', /within and days say the same/],
    ['{labels: {critical: sometimes}}', /keep\.labels\.critical: must be/],
  ])('is refused when it says %s', async (keep, message) => {
    await expect(rulesIn(keep)).rejects.toThrow(message);
  });
});

describe('names that other scripts use', () => {
  it('keep all of so many days, and the best of so many weeks and months', async () => {
    const one = await load('', { BACKUP_RETENTION_DAYS: '30' });
    expect(rulesFor(one.keep, 'app')).toEqual(makeRules({ withinMs: 30 * dayMs }));
    expect(one.keep.origin).toBe('BACKUP_RETENTION_DAYS in the environment');
    expect(one.findings).toEqual([]);
    const three = await load('', { RETENTION_DAYS: '30', RETENTION_WEEKS: '12', RETENTION_MONTHS: '12' });
    expect(rulesFor(three.keep, 'app')).toEqual(
      makeRules({ withinMs: 30 * dayMs, weekly: noOlderThan(84), monthly: noOlderThan(372) }),
    );
  });

  it('are not used beside keep:, which says so', async () => {
    const { keep, findings } = await load('keep: {daily: 90}', { BACKUP_RETENTION_DAYS: '3' });
    expect(rulesFor(keep, 'app')).toEqual(makeRules({ daily: newest(90) }));
    expect(findings).toMatchObject([{ severity: 'note', code: 'setting-not-used' }]);
  });

  it('that are no numbers expire nothing, and are a warning', async () => {
    for (const value of ['thirty', '0', '-1', '1.5']) {
      const { keep, findings } = await load('', { BACKUP_RETENTION_DAYS: value });
      expect(rulesFor(keep, 'app'), value).toBeNull();
      expect(findings).toMatchObject([{ severity: 'warning', code: 'setting-without-effect' }]);
    }
  });
});

it('rules are said in words', () => {
  const rules = makeRules({ withinMs: 30 * dayMs, last: 3, weekly: newest(12), yearly: noOlderThan(900), minimum: 2 });
  expect(describeRules({ ...rules, labels: { ...rules.labels, 'pre-deploy': newest(1), nightly: newest(5) } })).toBe(
    'all of the last 30 days, the last 3, 12 weekly, yearly for 900 days, safety for 7 days, pre-deploy until the next, 5 nightly, at least 2',
  );
});
