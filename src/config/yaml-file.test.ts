import { expect, it } from 'vitest';
import { HoldfastError } from '../domain/error.ts';
import { parseConfiguration } from './yaml-file.ts';

function complaint(content: string): string {
  try {
    parseConfiguration(content, 'holdfast.yaml');
  } catch (thrown) {
    if (thrown instanceof HoldfastError) return `${thrown.message} | ${thrown.hint}`;
    throw thrown;
  }
  return 'accepted';
}

it('reads every setting', () => {
  const read = parseConfiguration(
    `repository: /srv/backups
timezone: Europe/Berlin
databases:
  app:
    urlEnv: APP_URL
    formats: [custom, sql]
    excludeTables: audit.*
    lockTimeout: 30s
    checks:
      - {sql: 'SELECT count(*) > 0 FROM orders', expect: true}
      - {table: orders, column: created_at, within: 26h}
      - {tables: 26}
  empty:
drill:
  on: postgres://db/postgres
sizes: {minimum: 1000, warnBelow: 1MB, changePercent: 50%, changeBytes: 1GB}
`,
    'holdfast.yaml',
  );
  expect(read.databases['app']).toMatchObject({ excludeTables: ['audit.*'], lockTimeout: 30_000 });
  expect(read.databases['empty']).toMatchObject({ checks: [] });
  expect(read.sizes).toEqual({ minimum: 1000, warnBelow: 1_000_000, changePercent: 0.5, changeBytes: 1e9 });
  expect(read.drill?.on).toEqual({ url: 'postgres://db/postgres' });
});

it('points at an unknown key and at the one that was meant', () => {
  expect(complaint('repositry: x\n')).toBe('holdfast.yaml:1:1: unknown setting repositry | Did you mean repository?');
  expect(complaint('databases:\n  app:\n    url: x\n    finger: off\n')).toMatch(
    /^holdfast\.yaml:4:5: unknown setting databases\.app\.finger/,
  );
  expect(complaint('databases:\n  app:\n    checks:\n      - {sql: a, expct: 1}\n')).toBe(
    'holdfast.yaml:4:18: unknown setting databases.app.checks.0.expct | Did you mean expect?',
  );
});

it('points at a value that cannot be used', () => {
  expect(complaint('sizes:\n  minimum: a lot\n')).toMatch(
    /^holdfast\.yaml:2:3: sizes\.minimum: must be written such as/,
  );
  expect(complaint('databases:\n  Upper: {url: x}\n')).toMatch(/^holdfast\.yaml:2:3: databases\.Upper: a name is a-z/);
  expect(complaint('databases:\n  app:\n    checks: [{tables: 3, sql: x, expect: 1}]\n')).toMatch(
    /^holdfast\.yaml:3:14: databases\.app\.checks\.0: must be one of/,
  );
});

it('points at text that is not YAML', () => {
  expect(complaint('databases:\n  app: {url: x\n')).toMatch(/^holdfast\.yaml:\d+:\d+: /);
});
