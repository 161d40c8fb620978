/** `backup --all` on a real server: every database, found anew; one that fails stops no other; Ctrl-C stops them all. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

type Facts = Readonly<Record<string, unknown>>;

let server: TestServer;
let directory: TestDirectory;

beforeAll(async () => {
  server = await startPostgres();
  for (const name of ['shop', 'my-app', 'My App', 'we"ird', 'old_one', 'shop_before_20260101_020304']) {
    await server.createDatabase(name);
    await server.psql(`CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 500) n`, name);
  }
  await server.psql(
    `CREATE DATABASE closed; ALTER DATABASE closed ALLOW_CONNECTIONS false;
     CREATE ROLE keeper LOGIN; GRANT pg_read_all_data TO keeper; GRANT pg_read_all_settings TO keeper`,
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  directory = await makeTestDirectory('whole');
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

const urlOf = (user: string, database = 'postgres'): string =>
  server.url(database).replace('//postgres@', `//${user}@`);

function holdfast(args: readonly string[], user = 'postgres'): Promise<CliResult> {
  const env = { ...server.toolEnvironment, SERVER_URL: urlOf(user) };
  return runHoldfast(args, { cwd: directory.path, env });
}

const all = ['backup', '--all', '--url', 'env:SERVER_URL', '--json'] as const;

function outcomesIn(facts: Facts | undefined): Readonly<Record<string, unknown>> {
  const list = (facts?.['databases'] ?? []) as readonly { readonly name: string; readonly outcome: string }[];
  return Object.fromEntries(list.map(({ name, outcome }) => [name, outcome]));
}

function findings(result: CliResult): readonly string[] {
  return result.json().flatMap((line) => (line['type'] === 'finding' ? [String(line['code'])] : []));
}

async function storedDatabases(): Promise<readonly string[]> {
  const result = await holdfast(['list', '--json']);
  const names = result.json().flatMap((line) => (line['type'] === 'backup' ? [String(line['database'])] : []));
  return names.toSorted();
}

async function journal(): Promise<readonly Facts[]> {
  const text = await readFile(join(directory.path, '.holdfast-state/runs/journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Facts);
}

test('every database is a backup of its own; templates, closed ones and our own copies are none of them', async () => {
  await server.createDatabase('holdfast_drill_ab12');
  const metrics = join(directory.path, 'run.json');
  const result = await holdfast([
    ...all,
    '--exclude-database',
    'old_*',
    '--label',
    'nightly',
    '--metrics-file',
    metrics,
  ]);
  await server.psql('DROP DATABASE holdfast_drill_ab12');
  // 3: what seems to be left of a drill is a warning, once.
  expect(result.code, result.stdout).toBe(3);
  expect(findings(result).filter((code) => code === 'restore-leftover')).toHaveLength(1);
  const last = result.json().at(-1);
  expect(last).toMatchObject({ type: 'result', command: 'backup', all: true });
  const good = ['My App', 'my-app', 'postgres', 'shop', 'we"ird'];
  expect(outcomesIn(last)).toEqual(Object.fromEntries(good.map((name) => [name, 'backed-up'])));
  expect(last?.['leftOut']).toEqual([
    { name: 'closed', why: 'no-connections' },
    { name: 'holdfast_drill_ab12', why: 'ours' },
    { name: 'old_one', why: 'excluded' },
    { name: 'shop_before_20260101_020304', why: 'ours' },
    { name: 'template0', why: 'template' },
    { name: 'template1', why: 'template' },
  ]);
  expect(findings(result)).toEqual(expect.arrayContaining(['database-excluded', 'database-ours', 'database-closed']));

  const places = (last?.['databases'] as readonly Facts[]).map(({ database }) => String(database));
  expect(await storedDatabases()).toEqual(places.toSorted());
  expect(places).toEqual(expect.arrayContaining(['my-app', 'shop', 'we-ird']));
  expect(places.filter((place) => /^my-app-[0-9a-f]{8}$/.test(place))).toHaveLength(1);

  // One run, told once.
  const lines = await journal();
  expect(lines.map(({ event }) => event)).toEqual(['start', 'end']);
  expect(lines.at(-1)).toMatchObject({
    database: null,
    backup: null,
    outcome: 'warnings',
    storedBytes: last?.['storedBytes'],
  });
  const written = JSON.parse(await readFile(metrics, 'utf8')) as Facts;
  expect(written).toMatchObject({ status: 'success', backup_size_bytes: last?.['storedBytes'], files_created: 10 });

  const proven = await holdfast(['drill', places.find((place) => place.startsWith('my-app-')) ?? '', '--json']);
  expect(proven.json().at(-1), proven.stdout).toMatchObject({ outcome: 'proven' });
  const verified = await holdfast(['verify', 'we-ird', '--json']);
  expect(verified.json().at(-1), verified.stdout).toMatchObject({ backups: [{ outcome: 'verified' }] });
});

test('a database keeps its place in later runs, and expiry is applied to each', async () => {
  await writeFile(join(directory.path, 'holdfast.yaml'), 'keep: {last: 1}\n');
  const first = await holdfast([...all, '--exclude-database', 'old_*']);
  const second = await holdfast([...all, '--exclude-database', 'old_*']);
  const placesOf = (result: CliResult): readonly unknown[] =>
    (result.json().at(-1)?.['databases'] as readonly Facts[]).map(({ name, database }) => [name, database]);
  expect(placesOf(second)).toEqual(placesOf(first));
  const expired = (second.json().at(-1)?.['databases'] as readonly Facts[]).map(
    ({ expiry }) => (expiry as { readonly expired: readonly unknown[] }).expired.length,
  );
  expect(expired).toEqual([1, 1, 1, 1, 1]);
  expect(new Set(await storedDatabases()).size).toBe(5);
});

test('a database that is marked as a template is left out, and that is said', async () => {
  await server.psql('CREATE DATABASE pattern IS_TEMPLATE true');
  try {
    const result = await holdfast([...all, '--dry-run']);
    expect(result.stdout).toMatch(/"code":"database-template","message":"[^"]*: pattern"/);
  } finally {
    await server.psql('ALTER DATABASE pattern IS_TEMPLATE false; ');
    await server.psql('DROP DATABASE pattern');
  }
});

test('of two servers in one repository neither expires what the other made', async () => {
  await using other = await startPostgres();
  await other.createDatabase('shop');
  await writeFile(join(directory.path, 'holdfast.yaml'), 'keep: {last: 1}\n');
  const onlyShop = ['my-app', '"My App"', '"we""ird"', 'old_one', 'postgres'].flatMap((name) => [
    '--exclude-database',
    name,
  ]);
  expect((await holdfast([...all, ...onlyShop])).code).toBe(0);
  const env = { ...server.toolEnvironment, SERVER_URL: other.url() };
  const second = await runHoldfast([...all, ...onlyShop], { cwd: directory.path, env });
  expect(second.code, second.stdout).toBe(3);
  expect(findings(second)).toContain('place-shared');
  expect(await storedDatabases()).toEqual(['shop', 'shop']);
  // The same server again: as usual from the second time on.
  expect(findings(await holdfast([...all, ...onlyShop]))).toContain('place-shared');
  expect(findings(await holdfast([...all, ...onlyShop]))).not.toContain('place-shared');
});

describe('with databases that fail', () => {
  beforeAll(async () => {
    await server.psql(
      `CREATE DATABASE locked_out; REVOKE CONNECT ON DATABASE locked_out FROM PUBLIC; CREATE DATABASE guarded`,
    );
    await server.psql(
      `CREATE TABLE secret (x int); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON secret USING (x > 0)`,
      'guarded',
    );
  });
  afterAll(async () => {
    await server.psql('DROP DATABASE locked_out');
    await server.psql('DROP DATABASE guarded');
  });

  test('the others are backed up and whole; each failure is named with its reason, and the run fails', async () => {
    const result = await holdfast(all, 'keeper');
    expect(result.code, result.stdout).toBe(1);
    const lines = result.json();
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'databases-failed', exit: 1 });
    const message = String(lines.at(-1)?.['message']);
    expect(message).toMatch(/^2 of 8 databases of 127\.0\.0\.1:\d+ could not be backed up: guarded \(/);
    expect(message).toMatch(/locked_out \(access-refused: .*backed up, and whole: My App, my-app, old_one/);
    const outcomes = outcomesIn(lines.findLast(({ type }) => type === 'server-backup'));
    expect(outcomes).toMatchObject({
      guarded: 'failed',
      locked_out: 'failed',
      shop: 'backed-up',
      'we"ird': 'backed-up',
    });
    expect(await storedDatabases()).toHaveLength(6);
    const good = await holdfast(['verify', 'shop', '--json']);
    expect(good.json().at(-1), good.stdout).toMatchObject({ backups: [{ outcome: 'verified' }] });
    expect((await journal()).filter(({ verb, event }) => verb === 'backup' && event === 'end')).toMatchObject([
      { outcome: 'failed', error: { code: 'databases-failed' } },
    ]);
  });

  test('the words for people name each database with its outcome', async () => {
    const result = await holdfast(all.slice(0, -1), 'keeper');
    expect(result.stdout).toMatch(/✗ locked_out: .*\(access-refused\)/);
    expect(result.stdout).toMatch(/✓ shop in .* became /);
    expect(result.stdout).toMatch(/✗ 6 of 8 databases of .* backed up in/);
    expect(result.stderr).toMatch(/guarded.*locked_out/);
  });

  test('what nobody can read is left out on purpose only', async () => {
    const excluded = ['--exclude-database', 'guarded', '--exclude-database', '"locked_out"'];
    const result = await holdfast([...all, ...excluded], 'keeper');
    expect(result.code, result.stdout).toBe(0);
  });
});

test('a database that is dropped after they were listed is said to be gone, and is a warning', async () => {
  await server.createDatabase('short_lived');
  const drop = `psql -X -h 127.0.0.1 -p ${server.port} -U postgres -c 'DROP DATABASE short_lived' postgres`;
  const step = `if [ "$HOLDFAST_DATABASE" = short_lived ]; then ${server.binDirectory}/${drop}; fi`;
  await writeFile(
    join(directory.path, 'holdfast.yaml'),
    `hooks:\n  beforeBackup:\n    - sh: ${JSON.stringify(step)}\n`,
  );
  const result = await holdfast(all);
  expect(result.code, result.stdout).toBe(3);
  expect(outcomesIn(result.json().at(-1))).toMatchObject({
    short_lived: 'gone',
    shop: 'backed-up',
    'we"ird': 'backed-up',
  });
  expect(findings(result)).toContain('database-gone');
});

test('Ctrl-C stops the whole: what was done stays, nothing of the rest is begun', async () => {
  const locker = server.psql('BEGIN; LOCK TABLE t; SELECT pg_sleep(60)', 'old_one').catch(() => 'ended');
  const options = { cwd: directory.path, env: { ...server.toolEnvironment, SERVER_URL: urlOf('postgres') } };
  await expect
    .poll(() => server.psql(`SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted`))
    .not.toBe('0');
  const run = startHoldfast([...all, '--lock-timeout', '5m'], options);
  await run.saw(/locking the tables of old_one/);
  run.signal('SIGINT');
  const result = await run.result;
  await server.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'old_one'`);
  expect(await locker).toBe('ended');
  expect(result.code, result.stdout).toBe(130);
  expect(await storedDatabases()).toEqual(['my-app', expect.stringMatching(/^my-app-/)]);
  const sessions = `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'`;
  await expect.poll(() => server.psql(sessions)).toBe('0');
});

describe('in holdfast.yaml', () => {
  beforeEach(async () => {
    const lines = [
      'databases:',
      '  main:',
      '    urlEnv: SERVER_URL',
      '    all: true',
      "    excludeDatabases: ['old_*', postgres]",
      '    formats: [custom, sql.gz]',
      '  store:',
      `    url: ${server.url('shop')}`,
      '    keep: {last: 3}',
    ];
    await writeFile(join(directory.path, 'holdfast.yaml'), `${lines.join('\n')}\n`);
  });

  test('an entry is a whole server; a database with an entry of its own has its name and settings', async () => {
    const result = await holdfast(['backup', 'main', '--json']);
    expect(result.code, result.stdout).toBe(0);
    const databases = result.json().at(-1)?.['databases'] as readonly Facts[];
    expect(outcomesIn(result.json().at(-1))).toEqual({
      'My App': 'backed-up',
      'my-app': 'backed-up',
      shop: 'backed-up',
      'we"ird': 'backed-up',
    });
    expect(databases.find(({ name }) => name === 'shop')).toMatchObject({ database: 'store' });
    const files = (name: string): number =>
      (databases.find((one) => one['name'] === name)?.['artifacts'] as readonly unknown[]).length;
    expect(files('my-app')).toBe(files('shop') + 1);
    expect((await journal()).at(-1)).toMatchObject({ database: 'main' });

    const health = await holdfast(['health', '--max-proof-age', '8d', '--json']);
    const judged = health.json().at(-1)?.['databases'] as readonly Facts[];
    expect(judged.map(({ database }) => database)).toEqual(expect.arrayContaining(['store', 'my-app', 'we-ird']));
    expect(judged.map(({ database }) => database)).not.toContain('main');
  });

  test('one of its databases is backed up and restored by its name alone', async () => {
    expect((await holdfast(['backup', 'main'])).code).toBe(0);
    expect((await holdfast(['backup', 'we-ird'])).code).not.toBe(1);
    await server.psql('DELETE FROM t WHERE n > 10', 'we"ird');
    const result = await holdfast(['restore', 'we-ird', 'latest', '--yes', '--json']);
    expect(result.code, result.stdout).toBe(0);
    expect(await server.psql('SELECT count(*) FROM t', 'we"ird')).toBe('500');
    expect((await holdfast(['restore', 'we-ird', '--drop-replaced', '--yes'])).code).toBe(0);
  });

  test('--dry-run lists what would be done, and writes nothing', async () => {
    const result = await holdfast(['backup', '--all', '--dry-run', '--json']);
    expect(result.json().at(-1)).toMatchObject({
      dryRun: true,
      databases: [{ name: 'My App' }, { name: 'my-app' }, { name: 'shop', database: 'store' }, { name: 'we"ird' }],
    });
    expect((await holdfast(['list'])).code).toBe(10);
  });
});

test.each([
  [['--exclude-database', 'x'], /--exclude-database needs --all/],
  [['--all', '--table', 't'], /do not go with --all/],
  [['--all', '--exclude-database', 'shop.v2'], /dot outside of double quotes/],
  [['--all', '--exclude-database', 'sh(op'], /pattern for databases cannot be read/],
])('mistakes are usage errors: %j', async (flags, message) => {
  const result = await holdfast(['backup', '--url', 'env:SERVER_URL', ...flags]);
  expect(result.code, result.stderr).toBe(2);
  expect(result.stderr).toMatch(message);
});

test('a SQLite file is no server', async () => {
  await writeFile(join(directory.path, 'a.db'), '');
  const result = await holdfast(['backup', '--all', '--url', 'file:a.db']);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(/a\.db is one database, not a server/);
  await rm(join(directory.path, 'a.db'));
});
