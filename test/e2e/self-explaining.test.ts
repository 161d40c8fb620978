/** Every backup folder restores with stock tools alone: SHA256SUMS agrees, and the commands of RESTORE.txt work as they stand. */

import { execFile } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { createEveryObjectRoles, loadEveryObject } from '../harness/every-object.ts';
import { backupFolders } from '../harness/forge.ts';
import { readCommands, runCommands } from '../harness/instructions.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { libpqVariables } from '../harness/psql.ts';
import { makeSharedDirectory, makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { makeDatabase } from '../suites/sqlite/databases.ts';
import { everyKind } from '../suites/sqlite/every-kind.ts';

const run = promisify(execFile);

type Fingerprint = Readonly<Record<'tables' | 'sequences' | 'objects' | 'largeObjects', unknown>>;

async function readFingerprint(folder: string): Promise<Fingerprint> {
  const plain = zstdDecompressSync(await readFile(join(folder, 'fingerprint.json.zst'))).toString('utf8');
  const { tables, sequences, objects, largeObjects } = JSON.parse(plain) as Fingerprint;
  return { tables, sequences, objects, largeObjects };
}

describe('PostgreSQL', () => {
  const odd = 'Every "thing" = $1';
  let source: TestServer;
  let directory: TestDirectory;
  let backups = 0;

  beforeAll(async () => {
    source = await startPostgres();
    // The tablespace of the globals, if there were one, would be the server's.
    directory = await makeSharedDirectory('explain');
    await createEveryObjectRoles(source);
    await loadEveryObject(source, odd);
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  /** The folder of a new backup, in a repository of its own. */
  async function backUp(server: TestServer, database: string, ...flags: readonly string[]): Promise<string> {
    backups += 1;
    const repository = join(directory.path, `backups${backups}`);
    const env = { ...server.toolEnvironment, DATABASE_URL: server.socketUrl(database) };
    const options: CliOptions = { cwd: directory.path, env };
    const result = await runHoldfast(['backup', '--repository', repository, ...flags, '--json'], options);
    expect([0, 3], result.stdout).toContain(result.code);
    const [folder] = await backupFolders(repository, String(result.json().at(-1)?.['database']));
    return folder ?? '';
  }

  function toolsOf(server: TestServer): Record<string, string> {
    const variables = libpqVariables(server, '');
    return {
      PATH: `${server.binDirectory}:${variables['PATH'] ?? ''}`,
      PGHOST: variables['PGHOST'] ?? '',
      PGPORT: variables['PGPORT'] ?? '',
      PGUSER: variables['PGUSER'] ?? '',
    };
  }

  async function expectSame(server: TestServer, database: string, folder: string): Promise<void> {
    expect(await readFingerprint(await backUp(server, database))).toEqual(await readFingerprint(folder));
  }

  test('a backup in every format restores under its name, with several jobs, and from SQL', async () => {
    const folder = await backUp(source, odd, '--format', 'custom,sql.zst,sql.gz');
    await using empty = await startPostgres();
    expect(await runCommands(folder, toolsOf(empty))).toContain('.dump.zst: OK');
    for (const database of [odd, 'restored', 'restored_from_sql', 'restored_from_sql_2']) {
      await expectSame(empty, database, folder);
    }
    const itself = `SELECT datconnlimit, shobj_description(oid, 'pg_database'), datacl FROM pg_database WHERE datname = :'name'`;
    expect(await empty.psql(itself, 'postgres', { name: odd })).toBe(await source.psql(itself, 'postgres', { name: odd }));
  });

  test('a backup that is only SQL restores under its name', async () => {
    const folder = await backUp(source, odd, '--format', 'sql.gz');
    await using empty = await startPostgres();
    await runCommands(folder, toolsOf(empty));
    await expectSame(empty, odd, folder);
  });

  test('definitions and rows apart make the database together', async () => {
    const whole = await backUp(source, odd);
    const [definitions, rows] = [await backUp(source, odd, '--schema-only'), await backUp(source, odd, '--data-only')];
    await using empty = await startPostgres();
    await runCommands(definitions, toolsOf(empty));
    await runCommands(rows, toolsOf(empty));
    await expectSame(empty, 'restored', whole);
  });

  test('chosen tables restore into a new database, their schema included', async () => {
    await source.createDatabase('plain');
    await source.psql('CREATE SCHEMA sales; CREATE TABLE sales.t (id serial PRIMARY KEY); INSERT INTO sales.t DEFAULT VALUES', 'plain');
    const folder = await backUp(source, 'plain', '--table', 'sales.t');
    await using empty = await startPostgres();
    await runCommands(folder, toolsOf(empty));
    expect(await empty.psql('SELECT id FROM sales.t', 'restored')).toBe('1');
  });

  test('a changed byte stops the commands before anything is restored', async () => {
    const folder = await backUp(source, odd);
    await run('sh', ['-c', 'printf x >> *.dump.zst'], { cwd: folder });
    await using empty = await startPostgres();
    await expect(runCommands(folder, toolsOf(empty))).rejects.toThrow('did NOT match');
    expect(await empty.psql('SELECT count(*) FROM pg_database')).toBe('3');
  });
});

test('SQLite: the commands put the file back in its place and keep the one that was there', async () => {
  await using directory = await makeTestDirectory('explain');
  const path = join(directory.path, `it's a "shop".db`);
  makeDatabase(path, everyKind);
  const options: CliOptions = { cwd: directory.path, env: { DATABASE_URL: path } };
  const backup = await runHoldfast(['backup', '--json'], options);
  expect([0, 3], backup.stdout).toContain(backup.code);
  const [folder = ''] = await backupFolders(join(directory.path, 'backups'), String(backup.json().at(-1)?.['database']));
  const dump = async (file: string): Promise<string> => (await run('sqlite3', ['-readonly', file, '.dump'])).stdout;
  const before = await dump(path);
  await run('sqlite3', [path, 'DROP TABLE anything; PRAGMA user_version = 1']);

  const printed = await runCommands(folder, {});
  expect(printed).toMatch(/^ok$/m);
  expect(await dump(path)).toBe(before);
  expect((await run('sqlite3', ['-readonly', path, 'PRAGMA user_version'])).stdout.trim()).toBe('17');
  expect((await readCommands(folder)).length).toBeGreaterThanOrEqual(4);
  const kept = (await run('ls', [dirname(path)])).stdout.split('\n').filter((name) => name.startsWith(`${basename(path)}.before_restore`));
  expect(kept.length).toBeGreaterThanOrEqual(1);
  await rename(join(dirname(path), kept[0] ?? ''), join(dirname(path), 'kept.db'));
  expect(await dump(join(dirname(path), 'kept.db'))).not.toContain('CREATE TABLE anything');
});
