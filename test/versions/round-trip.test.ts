/** A database with every kind of object goes round, on each tested version, beside stock `pg_restore`. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { addEnumHash, createEveryObjectRoles, dropEnumHash, loadEveryObject } from '../harness/every-object.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { libpqVariables } from '../harness/psql.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const run = promisify(execFile);
const database = 'Every "thing"';
const quoted = '"Every ""thing"""';

describe.each(testedMajors().filter((major) => major >= 15))('every kind of object on PostgreSQL %i', (major) => {
  let server: TestServer;
  let directory: TestDirectory;
  let firstRound = '';

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { wal_level: 'logical' } });
    directory = await makeTestDirectory('round');
    await createEveryObjectRoles(server);
    await loadEveryObject(server, database, `TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`);
    await addEnumHash(server, database);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function holdfast(...args: string[]): Promise<CliResult> {
    const env = { ...server.toolEnvironment, DATABASE_URL: server.socketUrl(database) };
    const result = await runHoldfast([...args, '--json'], { cwd: directory.path, env });
    expect(result.code, result.stdout + result.stderr).toBe(0);
    return result;
  }

  async function dump(): Promise<string> {
    const pgDump = join(server.binDirectory, 'pg_dump');
    const { stdout } = await run(pgDump, ['--create', '--restrict-key=fixed'], {
      env: libpqVariables(server, database),
      maxBuffer: 1 << 28,
    });
    return stdout;
  }

  /** Everything that belongs to the database itself and must survive a swap. */
  async function databaseItself(): Promise<string> {
    return await server.psql(
      `SELECT to_jsonb(d) - '{oid,datfrozenxid,datminmxid,dathasloginevt,datlastsysoid}'::text[]
         || jsonb_build_object('comment', shobj_description(d.oid, 'pg_database'),
              'settings', (SELECT jsonb_agg(jsonb_build_array(setrole::regrole, setconfig) ORDER BY setrole::regrole::text)
                           FROM pg_db_role_setting WHERE setdatabase = d.oid))
       FROM pg_database d WHERE datname = :'name'`,
      'postgres',
      { name: database },
    );
  }

  test('is proven: restored into a scratch database, every table and object is equal', async () => {
    await holdfast('backup');
    const result = (await holdfast('drill')).json().at(-1);
    expect(result).toMatchObject({ type: 'result' });
    expect(JSON.stringify(result)).toContain('"proven"');
    await dropEnumHash(server, database);
  });

  test('comes back by the default restore with sessions connected, and undo brings the old state back', async () => {
    await holdfast('backup');
    const before = await databaseItself();
    await server.psql('CREATE TABLE made_after_the_backup (); DROP TABLE sales.log CASCADE', database);
    const sleeper = server.psql('SELECT pg_sleep(120)', database).then(
      () => 'slept',
      (error: unknown) => String(error),
    );
    await holdfast('restore', 'latest', '--yes');
    expect(await sleeper).toMatch(/terminating connection|server closed the connection/);
    expect(await databaseItself()).toBe(before);
    expect(await server.psql(`SELECT to_regclass('made_after_the_backup'), count(*) FROM sales.log`, database)).toBe(
      '|3',
    );
    firstRound = await dump();

    await holdfast('restore', '--undo', '--yes');
    expect(await databaseItself()).toBe(before);
    const undone = `SELECT to_regclass('made_after_the_backup'), to_regclass('sales.log')`;
    expect(await server.psql(undone, database)).toBe('made_after_the_backup|');
    await holdfast('restore', '--undo', '--yes');
    expect(await dump()).toBe(firstRound);
  });

  test('is then identical to what stock pg_restore makes of the same archive', async () => {
    await holdfast('extract', 'latest', 'every.dump', '--format', 'dump');
    await server.psql(`ALTER DATABASE ${quoted} RENAME TO set_aside`);
    await run(
      join(server.binDirectory, 'pg_restore'),
      ['--create', '--exit-on-error', '-d', 'postgres', 'every.dump'],
      {
        cwd: directory.path,
        env: libpqVariables(server, 'postgres'),
      },
    );
    const stock = await dump();
    await server.psql(`DROP DATABASE ${quoted}`);
    await server.psql(`ALTER DATABASE set_aside RENAME TO ${quoted}`);
    expect(firstRound).toBe(stock);
  });

  test('is the same again after a second round', async () => {
    await holdfast('backup');
    await holdfast('restore', 'latest', '--yes');
    expect(await dump()).toBe(firstRound);
  });

  test('is the same again after a restore in its place, in one transaction', async () => {
    await server.psql(
      `CREATE TABLE made_after_the_backup (state sales.state); DROP TABLE sales.log CASCADE; DROP EXTENSION hstore CASCADE;
       DROP PUBLICATION everything; REVOKE ALL ON SCHEMA public FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO app_reader`,
      database,
    );
    await holdfast('restore', 'latest', '--in-place', '--yes');
    expect(await dump()).toBe(firstRound);
  });
});

describe.each(testedMajors().filter((major) => major < 15))('plain tables on PostgreSQL %i', (major) => {
  test('go round once', async () => {
    await using server = await startPostgres({ major });
    await using directory = await makeTestDirectory('round');
    await server.createDatabase('plain');
    await server.psql(
      `CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) SELECT md5(n::text) FROM generate_series(1, 1000) n`,
      'plain',
    );
    const options = {
      cwd: directory.path,
      env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('plain') },
    };
    // 3: done, with the warning that so small a backup is unusual.
    expect(await runHoldfast(['backup'], options)).toMatchObject({ code: 3 });
    const before = await server.psql('SELECT md5(string_agg(t::text, $$,$$ ORDER BY id)) FROM t', 'plain');
    await server.psql('DELETE FROM t WHERE id % 2 = 0', 'plain');
    expect(await runHoldfast(['drill', 'latest'], options)).toMatchObject({ code: 0 });
    expect(await runHoldfast(['restore', 'latest', '--yes'], options)).toMatchObject({ code: 0 });
    expect(await server.psql('SELECT md5(string_agg(t::text, $$,$$ ORDER BY id)) FROM t', 'plain')).toBe(before);
    await server.psql('DELETE FROM t WHERE id % 2 = 0; CREATE TABLE u ()', 'plain');
    const inPlace = await runHoldfast(['restore', 'latest', '--in-place', '--yes'], options);
    expect(inPlace.code, inPlace.stderr).toBe(0);
    expect(await server.psql('SELECT md5(string_agg(t::text, $$,$$ ORDER BY id)) FROM t', 'plain')).toBe(before);
  });
});
