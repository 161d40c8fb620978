/** Every backup folder restores with stock tools alone: SHA256SUMS agrees, and the commands of RESTORE.txt work as they stand. */

import { execFile } from 'node:child_process';
import { appendFile, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { createEveryObjectRoles, loadEveryObject } from '../harness/every-object.ts';
import { backupFolders } from '../harness/forge.ts';
import { readCommands, runCommands } from '../harness/instructions.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { libpqVariables } from '../harness/psql.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { makeDatabase } from '../suites/sqlite/databases.ts';
import { everyKind } from '../suites/sqlite/every-kind.ts';

const run = promisify(execFile);

describe('PostgreSQL', () => {
  const odd = 'Every "thing" = $1';
  let source: TestServer;
  let directory: TestDirectory;
  let backups = 0;

  beforeAll(async () => {
    source = await startPostgres();
    directory = await makeTestDirectory('explain');
    // The order of roles and of inherited columns, and some definitions, are as pg_dump leaves them from the second round on.
    await using first = await startPostgres();
    await createEveryObjectRoles(first);
    await loadEveryObject(first, odd);
    const dump = 'pg_dump -Fc >first.dump; pg_dumpall --globals-only >first.sql';
    const shell = { cwd: directory.path };
    await run('sh', ['-ec', dump], { ...shell, env: { ...toolsOf(first), PGDATABASE: odd } });
    await run('sh', ['-ec', 'psql -d postgres <first.sql; pg_restore -C -d postgres first.dump'], {
      ...shell,
      env: toolsOf(source),
    });
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  /** The folder of a new backup, in a repository of its own. */
  async function backUp(database: string, ...flags: readonly string[]): Promise<string> {
    backups += 1;
    const repository = join(directory.path, `backups${backups}`);
    const env = { ...source.toolEnvironment, DATABASE_URL: source.socketUrl(database) };
    const options: CliOptions = { cwd: directory.path, env };
    const result = await runHoldfast(['backup', '--repository', repository, ...flags, '--json'], options);
    expect([0, 3], result.stdout).toContain(result.code);
    const [folder] = await backupFolders(repository, String(result.json().at(-1)?.['database']));
    return folder ?? '';
  }

  function toolsOf(server: TestServer): Record<string, string> {
    const { PATH = '', PGHOST = '', PGPORT = '', PGUSER = '' } = libpqVariables(server, '');
    return { PATH: `${server.binDirectory}:${PATH}`, PGHOST, PGPORT, PGUSER };
  }

  /** Everything in the database as SQL, rows sorted; with `--create` what belongs to the database itself as well. */
  async function contentOf(server: TestServer, database: string, ...flags: readonly string[]): Promise<string> {
    const env = { ...toolsOf(server), PGDATABASE: database };
    const { stdout } = await run('pg_dump', ['--restrict-key=fixed', ...flags], { env, maxBuffer: 1 << 28 });
    return stdout;
  }

  test('a backup in every format restores under its name, with several jobs, and from SQL', async () => {
    const folder = await backUp(odd, '--format', 'custom,sql.zst,sql.gz');
    await using empty = await startPostgres();
    expect(await runCommands(folder, toolsOf(empty))).toContain('.dump.zst: OK');
    expect(await contentOf(empty, odd, '--create')).toBe(await contentOf(source, odd, '--create'));
    const expected = await contentOf(source, odd);
    for (const database of ['restored', 'restored_from_sql', 'restored_from_sql_2']) {
      expect(await contentOf(empty, database)).toBe(expected);
    }
  });

  test('a backup that is only SQL restores under its name', async () => {
    const folder = await backUp(odd, '--format', 'sql.gz');
    await using empty = await startPostgres();
    await runCommands(folder, toolsOf(empty));
    expect(await contentOf(empty, odd)).toBe(await contentOf(source, odd));
  });

  test.each(['custom', 'sql.zst'])('definitions and rows apart (%s) make the database together', async (format) => {
    const definitions = await backUp(odd, '--schema-only', '--format', format);
    const rows = await backUp(odd, '--data-only', '--format', format);
    await using empty = await startPostgres();
    await runCommands(definitions, toolsOf(empty));
    await runCommands(rows, toolsOf(empty));
    // pg_dump counts neither the refresh among the definitions nor among the rows.
    await empty.psql('REFRESH MATERIALIZED VIEW sales.totals', 'restored');
    expect(await contentOf(empty, 'restored')).toBe(await contentOf(source, odd));
  });

  test('chosen tables restore into a new database, their schema included', async () => {
    await source.createDatabase('plain');
    await source.psql(
      'CREATE SCHEMA sales; CREATE TABLE sales.t (id serial PRIMARY KEY); INSERT INTO sales.t DEFAULT VALUES',
      'plain',
    );
    const folder = await backUp('plain', '--table', 'sales.t');
    await using empty = await startPostgres();
    await runCommands(folder, toolsOf(empty));
    expect(await empty.psql('SELECT id FROM sales.t', 'restored')).toBe('1');
  });

  test('a changed byte stops the commands before anything is restored', async () => {
    const folder = await backUp(odd);
    const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.dump.zst'));
    await appendFile(join(folder, archive), 'x');
    await using empty = await startPostgres();
    await expect(runCommands(folder, toolsOf(empty))).rejects.toThrow('did NOT match');
    expect(await empty.psql('SELECT count(*) FROM pg_database')).toBe('3');
  });
});

test('SQLite: the commands put the file back in its place and keep the one that was there', async () => {
  await using directory = await makeTestDirectory('explain');
  const path = join(directory.path, `it's a "shop".db`);
  // The stock sqlite3 may be older than ours and count characters differently, which an index on length() shows.
  makeDatabase(path, `${everyKind} DROP INDEX on_expression;`);
  const options: CliOptions = { cwd: directory.path, env: { DATABASE_URL: path } };
  const backup = await runHoldfast(['backup', '--json'], options);
  expect([0, 3], backup.stdout).toContain(backup.code);
  const [folder = ''] = await backupFolders(
    join(directory.path, 'backups'),
    String(backup.json().at(-1)?.['database']),
  );
  const dump = async (file: string): Promise<string> => (await run('sqlite3', ['-readonly', file, '.dump'])).stdout;
  const before = await dump(path);
  await run('sqlite3', [path, 'DROP TABLE anything; PRAGMA user_version = 1']);

  const printed = await runCommands(folder, {});
  expect(printed).toMatch(/^ok$/m);
  expect(await dump(path)).toBe(before);
  expect((await run('sqlite3', ['-readonly', path, 'PRAGMA user_version'])).stdout.trim()).toBe('17');
  expect((await readCommands(folder)).length).toBeGreaterThanOrEqual(4);
  const kept = (await run('ls', [dirname(path)])).stdout
    .split('\n')
    .filter((name) => name.startsWith(`${basename(path)}.before_restore`));
  expect(kept.length).toBeGreaterThanOrEqual(1);
  await rename(join(dirname(path), kept[0] ?? ''), join(dirname(path), 'kept.db'));
  expect(await dump(join(dirname(path), 'kept.db'))).not.toContain('CREATE TABLE anything');
});
