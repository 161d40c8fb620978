/** `restore --globals` on real servers: what is missing comes, what is there stays, what cannot be is named; passwords are never said. */

import { chown, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { unprivilegedUser } from '../../src/system/unprivileged-user.ts';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

interface Item {
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly deed: string;
  readonly what: string;
}

let source: TestServer;
let target: TestServer;
let directory: TestDirectory;

beforeAll(async () => {
  // Times are written otherwise there than here.
  source = await startPostgres({ settings: { timezone: 'Asia/Kathmandu', datestyle: 'German, DMY' } });
  directory = await makeTestDirectory('globals');
  await source.createDatabase('app');
  await source.psql(
    `CREATE ROLE readers; CREATE ROLE app LOGIN CREATEDB PASSWORD 'geheim-1' VALID UNTIL '2040-01-01' CONNECTION LIMIT 7;
     CREATE ROLE "Odd; 'Role'" LOGIN NOINHERIT; COMMENT ON ROLE app IS 'the application''s; own';
     ALTER ROLE app SET search_path TO 'app', public; ALTER ROLE "Odd; 'Role'" SET "my.key" TO 'planted-key';
     GRANT readers TO app WITH ADMIN OPTION; GRANT pg_monitor TO "Odd; 'Role'";
     GRANT SET ON PARAMETER log_statement TO app`,
  );
  await source.psql('CREATE TABLE t AS SELECT generate_series(1, 500) AS n', 'app');
  const result = await holdfast(['backup', '--json']);
  expect(result.code, result.stdout).not.toBe(1);
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});
beforeEach(async () => {
  // Every way that a server has of writing statements down.
  const settings = {
    log_statement: 'all',
    log_min_error_statement: 'debug5',
    log_duration: 'on',
    log_min_duration_statement: '0',
    log_min_duration_sample: '0',
    log_statement_sample_rate: '1',
    log_transaction_sample_rate: '1',
    shared_preload_libraries: 'pg_stat_statements,auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_nested_statements': 'on',
  };
  target = await startPostgres({ settings });
  await target.psql('CREATE EXTENSION pg_stat_statements');
});
afterEach(async () => {
  await target[Symbol.asyncDispose]();
});

function holdfast(args: readonly string[], user = 'postgres'): Promise<CliResult> {
  const to = (target as TestServer | undefined)?.url().replace('//postgres@', `//${user}@`) ?? '';
  const env = { ...source.toolEnvironment, DATABASE_URL: source.url('app'), TARGET_URL: to };
  return runHoldfast(args, { cwd: directory.path, env });
}

const restore = ['restore', 'latest', '--globals', '--to', 'env:TARGET_URL', '--json'] as const;

function itemsOf(result: CliResult): readonly Item[] {
  return result.json().find(({ type }) => type === 'plan')?.['globals'] as readonly Item[];
}

function stateOf(result: CliResult, kind: string, name: string): string {
  const item = itemsOf(result).find((one) => one.kind === kind && one.name === name);
  return item === undefined ? 'not listed' : `${item.state}, ${item.deed}${item.what === '' ? '' : `: ${item.what}`}`;
}

const rolesSql = `SELECT json_agg(r ORDER BY rolname) FROM (SELECT (to_jsonb(a) - 'oid' - 'rolvaliduntil') || jsonb_build_object('until', extract(epoch from rolvaliduntil)) AS r, rolname FROM pg_authid a WHERE oid >= 16384) x`;
const othersSql = `SELECT
  (SELECT json_agg(row(roleid::regrole, member::regrole, admin_option) ORDER BY roleid::regrole::text, member::regrole::text)
     FROM pg_auth_members WHERE member >= 16384),
  (SELECT json_agg(row(setrole::regrole, setconfig) ORDER BY setrole::regrole::text) FROM pg_db_role_setting),
  (SELECT json_agg(row(parname, paracl) ORDER BY parname) FROM pg_parameter_acl),
  (SELECT json_agg(shobj_description(oid, 'pg_authid') ORDER BY rolname) FROM pg_authid WHERE oid >= 16384)`;

test('on an empty server everything comes, passwords too, and what is there afterwards is equal', async () => {
  const plan = await holdfast([...restore, '--dry-run']);
  expect(plan.code, plan.stdout).toBe(0);
  expect(stateOf(plan, 'role', 'app')).toBe('missing, create');
  expect(stateOf(plan, 'role', 'postgres')).toBe('same, none');
  expect(stateOf(plan, 'setting', `Odd; 'Role': "my.key"`)).toBe('missing, create');
  expect(stateOf(plan, 'membership', 'readers to app')).toBe('missing, create');
  expect(await target.psql('SELECT count(*) FROM pg_roles WHERE oid >= 16384')).toBe('0');

  const result = await holdfast(restore);
  expect(result.code, result.stdout).toBe(0);
  expect(await target.psql(rolesSql)).toBe(await source.psql(rolesSql));
  expect(await target.psql(othersSql)).toBe(await source.psql(othersSql));

  const again = await holdfast(restore);
  expect(again.code, again.stdout).toBe(0);
  expect(new Set(itemsOf(again).map(({ deed }) => deed))).toEqual(new Set(['none']));
  for (const text of [plan, result, again].flatMap(({ stdout, stderr }) => [stdout, stderr])) {
    expect(text).not.toMatch(/SCRAM-SHA-256\$|geheim|planted-key/);
  }
  expect(await readFile(target.logFile, 'utf8')).not.toMatch(/SCRAM-SHA-256\$/);
  expect(await target.psql(`SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%SCRAM-SHA%$4096%'`)).toBe('0');
  const words = await holdfast(restore.slice(0, -1));
  expect(words.stdout).toMatch(/role app +is there, the same/);
});

test('a role that exists stays as it is, which is said; --replace makes it what the backup says', async () => {
  await target.psql(
    `CREATE ROLE app LOGIN PASSWORD 'other'; ALTER ROLE app SET work_mem TO '5MB'; CREATE ROLE readers; CREATE ROLE stranger`,
  );
  const before = await target.psql(`SELECT to_jsonb(a) FROM pg_authid a WHERE rolname = 'app'`);
  const result = await holdfast(restore);
  expect(result.code, result.stdout).toBe(3);
  expect(stateOf(result, 'role', 'app')).toBe(
    'different, left: CREATEDB, connection limit, password, valid until, comment',
  );
  expect(stateOf(result, 'membership', 'readers to app')).toBe('missing, left');
  expect(stateOf(result, 'setting', 'app: work_mem')).toBe('different, left: only the server has it');
  expect(stateOf(result, 'role', `Odd; 'Role'`)).toBe('missing, create');
  expect(await target.psql(`SELECT to_jsonb(a) FROM pg_authid a WHERE rolname = 'app'`)).toBe(before);

  expect((await holdfast([...restore, '--replace'])).code).toBe(2);
  const replaced = await holdfast([...restore, '--replace', '--yes']);
  expect(replaced.code, replaced.stdout).toBe(0);
  const withoutStranger = rolesSql.replace('oid >= 16384', `oid >= 16384 AND rolname <> 'stranger'`);
  expect(await target.psql(withoutStranger)).toBe(await source.psql(withoutStranger));
  expect(await target.psql(`SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'app'::regrole`)).toBe(
    '{"search_path=app, public"}',
  );
});

test('with --replace a membership has the options of the backup, no more and no less', async () => {
  await target.psql(
    `CREATE ROLE "Odd; 'Role'"; GRANT pg_monitor TO "Odd; 'Role'" WITH ADMIN OPTION;
     CREATE ROLE readers; CREATE ROLE app; GRANT readers TO app`,
  );
  const left = await holdfast(restore);
  expect(left.code, left.stdout).toBe(3);
  expect(stateOf(left, 'membership', `pg_monitor to Odd; 'Role'`)).toBe('different, left: without options');
  const replaced = await holdfast([...restore, '--replace', '--yes']);
  expect(replaced.code, replaced.stdout).toBe(0);
  expect(await target.psql(othersSql)).toBe(await source.psql(othersSql));
});

test('whoever restores, and the superuser that initdb made, are never changed', async () => {
  await target.psql(`ALTER ROLE postgres PASSWORD 'own' CONNECTION LIMIT 50`);
  const result = await holdfast([...restore, '--replace', '--yes']);
  expect(result.code, result.stdout).toBe(0);
  expect(stateOf(result, 'role', 'postgres')).toBe('different, left: connection limit, password');
  expect(await target.psql(`SELECT rolconnlimit FROM pg_roles WHERE rolname = 'postgres'`)).toBe('50');
});

test('a role comes under another name, wherever it is named', async () => {
  const result = await holdfast([...restore, '--map-role', 'app=App 2', '--map-role', 'readers=lesende']);
  expect(result.code, result.stdout).toBe(0);
  expect(await target.psql(`SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE oid >= 16384`)).toBe(
    `App 2,Odd; 'Role',lesende`,
  );
  expect(
    await target.psql(
      `SELECT roleid::regrole || ' ' || member::regrole FROM pg_auth_members WHERE admin_option AND member >= 16384`,
    ),
  ).toBe('lesende "App 2"');
  expect(await target.psql(`SELECT paracl FROM pg_parameter_acl`)).toContain('App 2');
});

test('what fails is named, all of it, and nothing is changed', async () => {
  await target.psql('CREATE ROLE maker LOGIN CREATEROLE CREATEDB');
  const result = await holdfast(restore, 'maker');
  expect(result.code, result.stdout).toBe(1);
  expect(result.json().at(-1)).toMatchObject({ type: 'error', code: 'globals-not-restored' });
  expect(String(result.json().at(-1)?.['message'])).toMatch(
    /nothing was changed; .*privilege log_statement for app: permission denied/,
  );
  expect(await target.psql(`SELECT string_agg(rolname, ',') FROM pg_roles WHERE oid >= 16384`)).toBe('maker');
});

test('what a user may not do is known beforehand', async () => {
  await target.psql('CREATE ROLE plain LOGIN');
  const result = await holdfast([...restore, '--dry-run'], 'plain');
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/"code":"cannot-create-role","message":"user plain may not create roles"/);
});

describe('tablespaces', () => {
  test('come where their folder is, and are refused beforehand where it is not', async () => {
    const folder = join(target.socketDirectory, 'space');
    const { uid, gid } = (await unprivilegedUser()) ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    await mkdir(folder);
    await chown(folder, uid, gid);
    await target.psql(`CREATE ROLE owner_of_space`);
    await target.psql(
      `CREATE TABLESPACE "Fast one" OWNER owner_of_space LOCATION '${folder}' WITH (seq_page_cost = 2)`,
    );
    await target.psql(`GRANT CREATE ON TABLESPACE "Fast one" TO PUBLIC`);
    await target.psql('CREATE TABLE t AS SELECT generate_series(1, 500) AS n');
    const args = ['--url', 'env:TARGET_URL', '--json', '--repository', 'spaces'];
    expect((await holdfast(['backup', ...args])).code).not.toBe(1);
    await target.psql(`DROP TABLESPACE "Fast one"`);
    await rm(folder, { recursive: true });

    const missing = await holdfast(['restore', 'latest', '--globals', ...args]);
    expect(missing.code, missing.stdout).toBe(1);
    expect(missing.stdout).toMatch(/"code":"tablespace-folder-missing"/);
    const without = await holdfast(['restore', 'latest', '--globals', '--no-tablespaces', ...args]);
    expect(without.code, without.stdout).toBe(0);

    await mkdir(folder);
    await chown(folder, uid, gid);
    const result = await holdfast(['restore', 'latest', '--globals', ...args]);
    expect(result.code, result.stdout).toBe(0);
    expect(
      await target.psql(
        `SELECT spcowner::regrole, pg_tablespace_location(oid) = '${folder}', spcoptions, spcacl IS NOT NULL FROM pg_tablespace WHERE spcname = 'Fast one'`,
      ),
    ).toBe('owner_of_space|t|{seq_page_cost=2}|t');
  });
});

test.each([
  [['--globals', '--table', 't'], /exclude each other/],
  [['--globals', '--into', 'x'], /--globals and --into exclude each other/],
  [['--no-tablespaces'], /needs --globals/],
  [['--globals', '--map-role', 'app'], /not of the form OLD=NEW/],
  [['--globals', '--map-role', 'app=pg_x'], /PostgreSQL's own/],
  [['--map-role', 'a=b', '--map-role', 'a=c'], /maps a a second time/],
  [['--table', 't', '--map-role', 'a=b'], /for whole databases/],
])('mistakes are usage errors: %j', async (flags, message) => {
  const result = await holdfast(['restore', 'latest', ...flags]);
  expect(result.code, result.stderr).toBe(2);
  expect(result.stderr).toMatch(message);
});

test('a SQLite file has no roles', async () => {
  const result = await holdfast(['restore', 'latest', '--globals', '--to', 'file:x.db']);
  expect(result.code, result.stderr).toBe(2);
  expect(result.stderr).toMatch(/is on no server that has roles/);
});
