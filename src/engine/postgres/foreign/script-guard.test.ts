import { describe, expect, test } from 'vitest';
import { collected, inChunks } from '../../../../test/harness/stream-bytes.ts';
import { canBeLocked, contentOfScript, locked, withoutOwnersOrPrivileges } from './run-script.ts';

async function run(script: string): Promise<string> {
  const chunks = await collected(copied(contentOfScript(inChunks(Buffer.from(script), 16))));
  return Buffer.concat(chunks).toString();
}

async function* copied(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield Buffer.from(chunk);
}

describe('a script that reaches beyond its database is refused, with its line', () => {
  test.each([
    ['\\! id', 'line 2: a command of psql'],
    ['\\connect postgres', 'line 2: a command of psql'],
    ['\\o /tmp/x', 'line 2: a command of psql'],
    ['\\set x `id`', 'line 2: a command of psql'],
    ['SELECT 1 \\gexec\n;', 'line 2: a command of psql'],
    ["ALTER SYSTEM SET archive_command = 'x';", 'line 2: ALTER SYSTEM'],
    ['CREATE ROLE evil SUPERUSER;', 'line 2: CREATE ROLE'],
    ['create user evil;', 'line 2: CREATE USER'],
    ['/* x */ DROP ROLE app;', 'line 2: DROP ROLE'],
    ['GRANT postgres TO evil;', 'line 2: it gives or takes membership'],
    ['DROP DATABASE app;', 'line 2: a statement about a whole database'],
    ["ALTER DATABASE app SET search_path = 'x';", 'line 2: a statement about a whole database'],
    ["COPY t FROM PROGRAM 'id';", 'line 2: a COPY that reads or writes'],
    ["COPY (SELECT 1) TO '/etc/cron.d/x';", 'line 2: a COPY that reads or writes'],
    ['DROP TABLESPACE fast;', 'line 2: DROP TABLESPACE'],
  ])('%s', async (statement, message) => {
    await expect(run(`CREATE TABLE t (a int);\n${statement}\n`)).rejects.toMatchObject({
      code: 'unsafe-script',
      exit: 1,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('what pg_dump writes by its options', () => {
  test('-C: creating and connecting is left out', async () => {
    const script = [
      "SET client_encoding = 'UTF8';",
      'CREATE DATABASE app WITH TEMPLATE = template0;',
      'ALTER DATABASE app OWNER TO app;',
      '\\connect app',
      "ALTER DATABASE app SET work_mem TO '7MB';",
      '\\connect -reuse-previous=on "dbname=\'app\'"',
      "SELECT pg_catalog.set_config('search_path', '', false);",
      "COMMENT ON DATABASE app IS 'x';",
      'CREATE TABLE public.t (a integer);',
      'GRANT CONNECT ON DATABASE app TO reader;',
      '',
    ];
    expect(await run(script.join('\n'))).toBe(
      "SET client_encoding = 'UTF8';" +
        "SELECT pg_catalog.set_config('search_path', '', false);" +
        '\nCREATE TABLE public.t (a integer);\n',
    );
  });

  test('--clean: what a new database does not have is not dropped', async () => {
    const script = [
      'ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey;',
      'DROP TABLE public.t;',
      'DROP SCHEMA public;',
      'CREATE SCHEMA public;',
      'CREATE TABLE public.t (a integer);',
      'ALTER TABLE public.t ADD b integer;',
      'DROP TABLE public.t;',
      '',
    ];
    expect(await run(script.join('\n'))).toBe(['\nDROP SCHEMA public;', ...script.slice(3)].join('\n'));
  });

  test('-n public: the schema that every database has is not made again', async () => {
    expect(await run('CREATE SCHEMA public;\nCREATE SCHEMA sales;\n')).toBe('\nCREATE SCHEMA sales;\n');
  });

  test('its own locks, and remarks on extensions', async () => {
    const script =
      "\\restrict a\nCREATE EXTENSION IF NOT EXISTS hstore;\nCOMMENT ON EXTENSION hstore IS 'x';\n\\unrestrict a\n";
    expect(await run(script)).toBe('CREATE EXTENSION IF NOT EXISTS hstore;');
  });
});

test('owners and privileges are left out when they are not wanted', async () => {
  const script =
    'CREATE TABLE t (a int);\nALTER TABLE t OWNER TO app;\nGRANT SELECT ON TABLE t TO reader;\n' +
    'ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO reader;\n';
  const without = async (keep: { owners: boolean; privileges: boolean }): Promise<string> =>
    Buffer.concat(
      await collected(copied(withoutOwnersOrPrivileges(inChunks(Buffer.from(script), 9), keep))),
    ).toString();
  expect(await without({ owners: false, privileges: false })).toBe('CREATE TABLE t (a int);\n');
  expect(await without({ owners: true, privileges: false })).toContain('OWNER TO app');
  expect(await without({ owners: false, privileges: true })).not.toContain('OWNER TO app');
});

test('psql is locked from its releases of August 2025 on', async () => {
  expect(
    ['13.22', '14.19', '15.14', '15.18', '16.10', '17.6', '17.11', '18.0', '18beta2', '19.1'].map(canBeLocked),
  ).toEqual(Array.from({ length: 10 }, () => true));
  expect(['12.22', '13.21', '14.2', '15.13', '16.9', '17.5', ''].map(canBeLocked)).toEqual(
    Array.from({ length: 7 }, () => false),
  );
  const bytes = await collected(locked(inChunks(Buffer.from('SELECT 1;\n'), 10), 'key'));
  expect([bytes[0], bytes.at(-1)].map((part) => Buffer.from(part ?? []).toString()).join('')).toBe(
    '\\restrict key\n\n\\unrestrict key\n',
  );
});
