import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startPostgres } from './postgres-server.ts';
import { serverBinaries, testedMajors } from './server-binaries.ts';

describe.each(testedMajors())('a PostgreSQL %i test server', (major) => {
  test('answers with its version, stops, starts again with its data, and leaves nothing', async () => {
    const server = await startPostgres({ major });
    await server.createDatabase('odd "name"');
    expect(await server.psql('SELECT current_setting($$server_version_num$$)::int / 10000', 'odd "name"')).toBe(
      String(major),
    );
    await server.psql('CREATE TABLE kept AS SELECT generate_series(1, 3) AS n');
    await server.kill9();
    await expect(server.psql('SELECT 1')).rejects.toThrow('psql ended with 2');
    await server.start();
    expect(await server.psql('SELECT count(*) FROM kept')).toBe('3');
    await server[Symbol.asyncDispose]();
    expect(existsSync(server.dataDirectory)).toBe(false);
  });

  test('takes settings, has an identifier of its own, and asks for a password when told to', async () => {
    await using one = await startPostgres({ major, settings: { work_mem: '5MB' }, password: `@:/?#%'" $` });
    await using other = await startPostgres({ major });
    expect(await one.psql('SHOW work_mem')).toBe('5MB');
    const identifier = 'SELECT system_identifier FROM pg_control_system()';
    expect(await one.psql(identifier)).not.toBe(await other.psql(identifier));
    const { default: pg } = await import('pg');
    const client = new pg.Client(one.url());
    await client.connect();
    await client.end();
    const stranger = new pg.Client(one.url().replace(/:[^:@]*@/, ':wrong@'));
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
  });

  test('has client tools of its own version and the extensions that tests need', async () => {
    await using server = await startPostgres({ major });
    for (const name of ['pgcrypto', 'citext', 'hstore', 'ltree', 'pg_trgm', 'postgres_fdw']) {
      await server.psql(`CREATE EXTENSION ${name}`);
    }
    for (const tool of ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql']) {
      const { stdout } = await promisify(execFile)(join(server.binDirectory, tool), ['--version']);
      expect(stdout).toMatch(new RegExp(`^${tool} \\(PostgreSQL\\) ${major}\\.`));
    }
  });

  test('stops psql at the first error', async () => {
    await using server = await startPostgres({ major });
    await expect(server.psql('SELECT 1/0; CREATE TABLE never ()')).rejects.toThrow('division by zero');
    expect(await server.psql("SELECT to_regclass('never') IS NULL")).toBe('t');
  });
});

test('a server that is not installed is an error that names the command to run', () => {
  expect(() => serverBinaries(9)).toThrow('npm run test:servers -- 9');
});
