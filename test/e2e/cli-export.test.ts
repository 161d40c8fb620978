/** `holdfast export`: what it prints, writes and warns of. What other programs say of the files is in suites/export and outside. */

import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

let directory: TestDirectory;

beforeAll(async () => {
  directory = await makeTestDirectory('export');
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

const secret = 'pässwörd';
const url = `postgres://app:${secret}@db.example.com/shop`;

function holdfast(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runHoldfast(['export', ...args], { cwd: directory.path, env: { TZ: 'UTC', ...env } });
}

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(directory.path, name), content);
}

test('without a schedule there is a backup each night and a drill each Sunday', async () => {
  await write('.env', `DATABASE_URL=${url}\n`);
  const result = await holdfast(['cron']);
  expect([result.code, result.stderr]).toEqual([0, '']);
  const lines = result.stdout.split('\n').filter((line) => /^[\d*]/.test(line));
  const start = `cd ${directory.path} && HOLDFAST_STATE_DIR=${directory.path}/.holdfast-state ${process.execPath} -- /`;
  expect(lines).toEqual([expect.stringContaining(`0 2 * * * ${start}`), expect.stringContaining(`0 4 * * 0 ${start}`)]);
  expect(lines[0]).toMatch(/main\.ts backup --quiet >>\/.*\/cron\.log$/);
});

test.each(['cron', 'systemd', 'github', 'kubernetes', 'docker', 'prometheus'])(
  '%s names secrets and never writes one',
  async (kind) => {
    await write('.env', `DATABASE_URL=${url}\n`);
    for (const env of [{}, { DB_NAME: 'shop', DB_PASSWORD: secret }]) {
      const result = await holdfast([kind, '--json'], env);
      expect([0, 3], result.stdout).toContain(result.code);
      expect(result.stdout).not.toContain(secret);
      expect(result.json().at(-1)).toMatchObject({ type: 'result', command: 'export', kind, folder: null });
    }
  },
);

test('what only this shell knows is a warning, and the exit code 3', async () => {
  await rm(join(directory.path, '.env'), { force: true });
  const result = await holdfast(['systemd'], { DATABASE_URL: url });
  expect(result.code).toBe(3);
  expect(result.stderr).toContain('[WARN] DATABASE_URL: set in this shell only, systemd will not have it');
  expect((await holdfast(['github'], { DATABASE_URL: url })).code).toBe(0);
});

test('the schedule of holdfast.yaml is written out, its trap is named', async () => {
  await write(
    'holdfast.yaml',
    'timezone: UTC\ndatabases:\n  shop: {urlEnv: SHOP_URL}\n  crm: {urlEnv: CRM_URL, schedule: {backup: hourly}}\n' +
      'schedule: {backup: every 6h, drill: 0 4 1-7 * 0, drill-random: wednesday 04:00}\n',
  );
  await write('.env', `SHOP_URL=${url}\nCRM_URL=${url}\n`);
  try {
    const cron = await holdfast(['cron']);
    expect(cron.code).toBe(3);
    expect(cron.stderr).toMatch(
      /schedule\.drill in holdfast\.yaml: "0 4 1-7 \* 0" means "or".*\n +hint: Write: first sunday 04:00/,
    );
    expect(
      cron.stdout
        .match(/^[\d*].*/gm)
        ?.map((line) => line.replace(/^(\S+ \S+ \S+ \S+ \S+).*main\.ts (.*) --quiet.*/, '$1 $2')),
    ).toEqual([
      '0 */6 * * * backup shop',
      '0 4 1-7 * 0 drill shop',
      '0 4 * * 3 drill shop --random',
      '0 * * * * backup crm',
      '0 4 1-7 * 0 drill crm',
      '0 4 * * 3 drill crm --random',
    ]);
    const one = await holdfast(['kubernetes', 'crm']);
    expect(one.stdout.match(/^ {2}name: .*/gm)).toEqual([
      '  name: holdfast-backups',
      '  name: holdfast-backup-crm',
      '  name: holdfast-drill-crm',
      '  name: holdfast-drill-random-crm',
    ]);
    expect(one.stdout).not.toContain('SHOP_URL');
    const github = parse((await holdfast(['github'])).stdout) as { readonly on: { readonly schedule: unknown } };
    expect(github.on.schedule).toEqual([{ cron: '0 */6 * * *' }, { cron: '0 4 1-7 * 0' }, { cron: '0 * * * *' }]);
    expect((await holdfast(['cron', 'shopp'])).stderr).toMatch(
      /no configured database is called "shopp"\nhint: Known: shop, crm/,
    );
  } finally {
    await rm(join(directory.path, 'holdfast.yaml'));
  }
});

test('a mistake in the schedule is shown with its place', async () => {
  await write('holdfast.yaml', 'schedule:\n  backup: daily\n');
  const result = await holdfast(['cron']);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(
    /holdfast\.yaml:2:3: schedule\.backup: "daily" has no time of day: add one, such as 02:00/,
  );
  await rm(join(directory.path, 'holdfast.yaml'));
});

test('files are written where --to says, and none is replaced unasked', async () => {
  await write('.env', `DATABASE_URL=${url}\n`);
  const dry = await holdfast(['docker', '--to', '.', '--dry-run']);
  expect(dry.stdout).toBe('would write ./Dockerfile\n');
  await expect(stat(join(directory.path, 'Dockerfile'))).rejects.toThrow(/ENOENT/);
  expect((await holdfast(['docker', '--to', '.'])).code).toBe(0);
  expect(await readFile(join(directory.path, 'Dockerfile'), 'utf8')).toBe((await holdfast(['docker'])).stdout);
  const again = await holdfast(['docker', '--to', '.']);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists already')]);
  expect((await holdfast(['docker', '--to', '.', '--force'])).code).toBe(0);
});

test.each([
  [[], /what is to be exported\?\nhint: One of: cron,/],
  [['crom'], /nothing is exported for "crom"\nhint: Did you mean cron\?/],
  [['cron', 'shop', 'more'], /"more" is one word too many/],
  [['cron', '--step'], /--step belongs to github/],
  [['cron', '--url', url], /--url would be written into the file/],
])('%j is a mistake: 2', async (args, says) => {
  const result = await holdfast(args);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(says);
  expect(result.stderr).not.toContain(secret);
});
