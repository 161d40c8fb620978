/**
 * Five teams, each in a folder as its own scripts left it, with its own names and no other setting: set up, back up, prove,
 * restore an old file, watch, expire. `test/fixtures/teams/README.md` says who they are.
 */

import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { containerName, startContainer, type Container } from '../harness/container.ts';
import { shell } from '../harness/foreign-files.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { startHttpReceiver, type HttpReceiver } from '../harness/receivers.ts';
import { makeRecordingProgram } from '../harness/recording-program.ts';
import { makeSharedDirectory, type TestDirectory } from '../harness/temporary.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/teams');
const password = `pl4nted-'"$ s3cret`;
const stamp = '20261120_020000';
const slackPath = '/services/T000/B000/pl4nted-slack';
let server: TestServer;
let directory: TestDirectory;
let slack: HttpReceiver;

beforeAll(async () => {
  server = await startPostgres({ password });
  directory = await makeSharedDirectory('teams');
  slack = await startHttpReceiver();
});
afterAll(async () => {
  await slack[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

interface Team {
  readonly folder: string;
  readonly backups: string;
  holdfast(...args: readonly string[]): Promise<CliResult>;
}

/** The team's folder with its environment written to `file` (null: given to each command instead). */
async function makeTeam(
  name: string,
  file: string | null,
  values: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Team> {
  const folder = join(directory.path, name);
  const backups = join(folder, 'backups');
  await mkdir(backups, { recursive: true });
  const template = await readFile(join(fixtures, name, 'environment'), 'utf8');
  const filled = { FOLDER: folder, SLACK: `${slack.url}${slackPath}`, ...values };
  const text = template.replaceAll(/\{\{(\w+)\}\}/g, (_whole, key: string) => {
    const value = Object.entries(filled).find(([known]) => known === key)?.[1];
    if (value === undefined) throw new Error(`${name}: no value for ${key}`);
    return value;
  });
  if (file !== null) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const given = file === null ? Object.fromEntries(text.trim().split('\n').map(pairOf)) : {};
  return {
    folder,
    backups,
    holdfast: (...args) => runHoldfast(args, { cwd: folder, env: { ...env, ...given } }),
  };
}

function pairOf(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

async function fixture(team: string, file: string): Promise<string> {
  return readFile(join(fixtures, team, file), 'utf8');
}

/** Old files, with the time of their last change: nothing of it may be another afterwards. */
async function oldFiles(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && entry.name.includes(stamp))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** 3: done, with warnings: a name has no effect yet, or so small a backup is unusual. */
function expectDone(result: CliResult): void {
  expect([0, 3], result.stdout + result.stderr).toContain(result.code);
  expect(result.stdout + result.stderr).not.toMatch(/pl4nted/);
}

interface Way {
  /** Behind `init`: flags that say where the settings are. */
  readonly flags?: readonly string[];
  /** An old file, relative to the folder. */
  readonly old: string;
  readonly keeps: boolean;
  count(): Promise<string> | string;
  destroy(): Promise<string> | string;
}

async function goThrough(team: Team, way: Way): Promise<void> {
  const { flags = [] } = way;
  const before = await oldFiles(team.folder);
  expect(before.length).toBeGreaterThan(0);
  const rows = await way.count();

  const init = await team.holdfast('init', '--yes', ...flags);
  expectDone(init);
  expect(init.stdout).toContain('✓ proven');

  const backup = await team.holdfast('backup', ...flags);
  expectDone(backup);
  const applied = /: 2 backups stay; nothing expires/;
  if (way.keeps) expect(backup.stdout).toMatch(applied);
  else expect(backup.stdout).not.toMatch(applied);
  if (!way.keeps) expect(backup.stdout + backup.stderr).toMatch(/no rule/);
  expectDone(await team.holdfast('drill', ...flags));

  const listed = await team.holdfast('list', '--foreign', ...flags);
  expectDone(listed);
  expect(listed.stdout).toContain(stamp);

  await way.destroy();
  expect(await way.count()).not.toBe(rows);
  expectDone(await team.holdfast('restore', '--file', way.old, '--yes', ...flags));
  expect(await way.count()).toBe(rows);

  const health = await team.holdfast('health', ...flags);
  expectDone(health);
  expectDone(await team.holdfast('prune', ...flags));
  expect(await oldFiles(team.folder)).toEqual(before);
}

async function makeDatabase(team: string, name: string): Promise<void> {
  await server.createDatabase(name);
  await server.psql(await fixture(team, 'schema.sql'), name);
}

async function runOldScript(team: Team, name: string, database: string): Promise<void> {
  const script = await fixture(name, 'old-backup.sh');
  const variables = `TS=${stamp} BACKUP_DIR='${team.backups}' DATABASE_URL='${server.socketUrl(database)}'`;
  const secret = `PGPASSWORD='${password.replaceAll("'", `'\\''`)}'`;
  await shell(`export ${variables} ${secret}; ${script}`, team.folder, server, database);
}

const url = (database: string): string => server.url(database);

test('G: a business app with cron, three dumps of three moments, and a Slack webhook', async () => {
  await makeDatabase('G', 'globalrx');
  const team = await makeTeam('G', '.env', { DATABASE_URL: url('globalrx') }, server.toolEnvironment);
  await runOldScript(team, 'G', 'globalrx');
  await goThrough(team, {
    old: `backups/globalrx_backup_${stamp}_custom.dump`,
    keeps: true,
    count: () => server.psql('SELECT count(*) FROM prescriptions', 'globalrx'),
    destroy: () => server.psql('DELETE FROM prescriptions', 'globalrx'),
  });
  expect(slack.at(slackPath).length).toBeGreaterThan(3);
});

test('J: an app on hosted PostgreSQL, parts beside the whole', async () => {
  await makeDatabase('J', 'joffre');
  const team = await makeTeam('J', '.env.local', { DATABASE_URL: url('joffre') }, server.toolEnvironment);
  await runOldScript(team, 'J', 'joffre');
  await goThrough(team, {
    old: `backups/joffre_backup_${stamp}.sql.gz`,
    keeps: false,
    count: () => server.psql('SELECT count(*) FROM games', 'joffre'),
    destroy: () => server.psql('DELETE FROM games', 'joffre'),
  });
});

test('N: a clinic on one server, classes, a sum that never held, mail by sendmail', async () => {
  await makeDatabase('N', 'nutrivault');
  const sendmail = await makeRecordingProgram(directory.path, 'sendmail');
  const env = { ...server.toolEnvironment, PATH: `${sendmail.folder}:${process.env['PATH'] ?? ''}` };
  const values = {
    DB_NAME: 'nutrivault',
    DB_USER: 'postgres',
    DB_HOST: '127.0.0.1',
    DB_PORT: String(server.port),
    DB_PASSWORD: password.replaceAll("'", `'\\''`),
  };
  const team = await makeTeam('N', 'etc/.env.production', values, env);
  await runOldScript(team, 'N', 'nutrivault');
  await goThrough(team, {
    flags: ['--env-file', 'etc/.env.production'],
    old: `backups/daily/nutrivault_backup_${stamp}.dump.gz`,
    keeps: true,
    count: () => server.psql('SELECT count(*) FROM plans', 'nutrivault'),
    destroy: () => server.psql('DELETE FROM plans WHERE id > 10', 'nutrivault'),
  });
  expect(await sendmail.input()).toContain('nutrivault');
  expect(await readFile(join(team.folder, 'backup.log'), 'utf8')).toContain('[INFO]');
});

test('T: a ticket system whose database answers only inside its container', async () => {
  await using container: Container = await startContainer();
  await container.psql('CREATE ROLE chain LOGIN SUPERUSER; CREATE DATABASE chaindb OWNER chain');
  await container.psql(await fixture('T', 'schema.sql'), 'chaindb');
  const values = { DB_NAME: 'chaindb', DB_USER: 'postgres' };
  const team = await makeTeam('T', null, values, container.environment);
  const variables = `TS=${stamp} BACKUP_DIR='${team.backups}' DB_CONTAINER=${containerName} DB_USER=postgres DB_NAME=chaindb`;
  const path = `PATH='${container.environment['PATH'] ?? ''}'`;
  await shell(`export ${variables} ${path}; ${await fixture('T', 'old-backup.sh')}`, team.folder, null);
  await goThrough(team, {
    old: `backups/chaindb_${stamp}.dump.gz`,
    keeps: false,
    count: () => container.psql('SELECT count(*) FROM tickets', 'chaindb'),
    destroy: () => container.psql('DELETE FROM tickets', 'chaindb'),
  });
});

test('M: a Next.js app with SQLite in development, by way of Prisma', async () => {
  const team = await makeTeam('M', '.env', {}, {});
  await cp(join(fixtures, 'M/prisma'), join(team.folder, 'prisma'), { recursive: true });
  // Prisma reads `file:./dev.db` beside its schema.
  const file = join(team.folder, 'prisma/dev.db');
  const database = new DatabaseSync(file);
  database.exec(await fixture('M', 'schema.sqlite.sql'));
  database.close();
  const script = await fixture('M', 'old-backup.sh');
  await shell(`export TS=${stamp} BACKUP_DIR='${team.backups}' DATABASE_FILE='${file}'; ${script}`, team.folder, null);
  const ask = (sql: string): string => {
    const opened = new DatabaseSync(file);
    try {
      return JSON.stringify(opened.prepare(sql).all());
    } finally {
      opened.close();
    }
  };
  await goThrough(team, {
    old: `backups/backup_sqlite_${stamp}.db.gz`,
    keeps: true,
    count: () => ask('SELECT count(*) AS posts FROM "Post"'),
    destroy: () => ask('DELETE FROM "Post" RETURNING id'),
  });
});
