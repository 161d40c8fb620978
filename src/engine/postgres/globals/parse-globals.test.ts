import { expect, test } from 'vitest';
import { parseGlobals } from './parse-globals.ts';

const head = `--
-- PostgreSQL database cluster dump
--

\\restrict yTd3

SET default_transaction_read_only = off;

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
`;

const parse = (sql: string): ReturnType<typeof parseGlobals> =>
  parseGlobals(Buffer.from(`${head}${sql}\n\\unrestrict yTd3\n\n-- complete\n`));

test('a role with everything', () => {
  const found = parse(`CREATE ROLE "Odd; Role";
ALTER ROLE "Odd; Role" WITH NOSUPERUSER INHERIT CREATEDB LOGIN CONNECTION LIMIT -1 PASSWORD 'SCRAM-SHA-256$4096:a==$b=:c=' VALID UNTIL '2030-01-01 00:00:00+00';
COMMENT ON ROLE "Odd; Role" IS 'it''s; odd';
ALTER ROLE "Odd; Role" SET search_path TO 'a b', 'public';`);
  const role = 'Odd; Role';
  expect(found).toEqual([
    { kind: 'create-role', role },
    {
      kind: 'role-attributes',
      role,
      flags: new Map([
        ['SUPERUSER', 'NOSUPERUSER'],
        ['INHERIT', 'INHERIT'],
        ['CREATEDB', 'CREATEDB'],
        ['LOGIN', 'LOGIN'],
      ]),
      connectionLimit: '-1',
      password: `'SCRAM-SHA-256$4096:a==$b=:c='`,
      validUntil: `'2030-01-01 00:00:00+00'`,
    },
    { kind: 'role-comment', role, text: `'it''s; odd'` },
    { kind: 'role-setting', role, parameter: 'search_path', value: `'a b' , 'public'` },
  ]);
});

test.each([
  ['GRANT a TO b;', { admin: false, inherit: null, set: true, grantor: null }],
  [
    'GRANT a TO b WITH ADMIN OPTION GRANTED BY postgres;',
    { admin: true, inherit: null, set: true, grantor: 'postgres' },
  ],
  ['GRANT a TO b WITH INHERIT TRUE GRANTED BY c;', { admin: false, inherit: true, set: true, grantor: 'c' }],
  [
    'GRANT a TO b WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY "C";',
    { admin: true, inherit: false, set: false, grantor: 'C' },
  ],
])('memberships as each version writes them: %s', (sql, options) => {
  expect(parse(sql)).toEqual([{ kind: 'membership', role: 'a', member: 'b', ...options }]);
});

test('tablespaces, parameters, and who gave a privilege', () => {
  const found = parse(`CREATE TABLESPACE fast OWNER app LOCATION '/srv/fast';
ALTER TABLESPACE fast SET (random_page_cost=1.1);
GRANT ALL ON TABLESPACE fast TO app WITH GRANT OPTION;
SET SESSION AUTHORIZATION app;
GRANT ALL ON TABLESPACE fast TO r;
RESET SESSION AUTHORIZATION;
GRANT SET ON PARAMETER log_statement TO app;`);
  expect(found).toMatchObject([
    { kind: 'create-tablespace', tablespace: 'fast', owner: 'app', location: `'/srv/fast'` },
    { kind: 'tablespace-detail', tablespace: 'fast' },
    { kind: 'tablespace-privilege', grantees: ['app'], grantor: null },
    { kind: 'tablespace-privilege', grantees: ['r'], grantor: 'app' },
    { kind: 'parameter-privilege', parameter: 'log_statement', grantees: ['app'], grantor: null },
  ]);
});

test('what is not known is an error that says nothing of the statement', () => {
  const act = (): unknown => parse(`ALTER ROLE app WITH ENCRYPTED 'geheim';`);
  expect(act).toThrow(/a statement that begins with ALTER ROLE is not known/);
  expect(act).not.toThrow(/geheim/);
});
