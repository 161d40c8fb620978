/** `restore --map-role`: a database comes back for roles that are called otherwise, and is equal but for their names. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

let source: TestServer;
let target: TestServer;
let directory: TestDirectory;

const schema = `
  ALTER DATABASE app OWNER TO app; ALTER ROLE app IN DATABASE app SET work_mem TO '3MB'; GRANT CREATE ON DATABASE app TO "Reader";
  SET ROLE app; CREATE SCHEMA app;
  CREATE TABLE app.app (id int PRIMARY KEY, app text); INSERT INTO app.app SELECT n, 'app' FROM generate_series(1, 300) n;
  CREATE TABLE app.secret (who name, x int); INSERT INTO app.secret VALUES ('app', 1);
  ALTER TABLE app.secret ENABLE ROW LEVEL SECURITY;
  CREATE POLICY mine ON app.secret FOR SELECT TO app, "Reader" USING (who = current_user AND who <> 'app');
  GRANT SELECT ON app.app TO "Reader" WITH GRANT OPTION; GRANT UPDATE (app) ON app.app TO "Reader"; REVOKE DELETE ON app.app FROM app;
  ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO "Reader";
  ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
  CREATE FUNCTION app.who() RETURNS text LANGUAGE sql AS 'SELECT ''app''::text'; GRANT EXECUTE ON FUNCTION app.who() TO "Reader";
  GRANT USAGE ON SCHEMA app TO "Reader";
  SET ROLE "Reader"; GRANT SELECT ON app.app TO other; RESET ROLE;
  CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR app SERVER s;
  SELECT lo_from_bytea(4711, 'app'); ALTER LARGE OBJECT 4711 OWNER TO app;`;

beforeAll(async () => {
  source = await startPostgres();
  target = await startPostgres();
  directory = await makeTestDirectory('maproles');
  await source.createDatabase('app');
  await source.psql(`CREATE ROLE app; CREATE ROLE "Reader"; CREATE ROLE other; GRANT "Reader", other TO app`);
  await source.psql(schema, 'app');
  const result = await holdfast(['backup', '--format', 'custom', '--json']);
  expect(result.code, result.stdout).not.toBe(1);
  await target.psql(`CREATE ROLE "App Staging"; CREATE ROLE lesende; CREATE ROLE other`);
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function holdfast(args: readonly string[]): Promise<CliResult> {
  const env = { ...source.toolEnvironment, DATABASE_URL: source.url('app'), TARGET_URL: target.url('app') };
  return runHoldfast(args, { cwd: directory.path, env });
}

const restore = ['restore', 'latest', '--to', 'env:TARGET_URL', '--yes', '--json'] as const;
const map = ['--map-role', 'app=App Staging', '--map-role', 'Reader=lesende'] as const;

async function expectMapped(): Promise<void> {
  const one = (sql: string): Promise<string> => target.psql(sql, 'app');
  expect(
    await one(`SELECT datdba::regrole, datacl::text LIKE '%lesende=C/%' FROM pg_database WHERE datname = 'app'`),
  ).toBe('"App Staging"|t');
  expect(await one(`SELECT relowner::regrole, relacl FROM pg_class WHERE oid = 'app.app'::regclass`)).toBe(
    `"App Staging"|{"\\"App Staging\\"=arwDxt/\\"App Staging\\"","lesende=r*/\\"App Staging\\"",other=r/lesende}`,
  );
  expect(await one(`SELECT polroles::regrole[] FROM pg_policy`)).toBe('{"\\"App Staging\\"",lesende}');
  expect(await one(`SELECT count(*) FROM pg_default_acl WHERE defaclrole = '"App Staging"'::regrole`)).toBe('2');
  expect(await one(`SELECT usename FROM pg_user_mappings`)).toBe('App Staging');
  expect(await one(`SELECT setrole::regrole, setconfig FROM pg_db_role_setting`)).toBe('"App Staging"|{work_mem=3MB}');
  expect(await one(`SELECT lomowner::regrole FROM pg_largeobject_metadata`)).toBe('"App Staging"');
  // What only looks like the role is as it was.
  expect(await one(`SELECT app.who(), count(*), min(app) FROM app.app`)).toBe('app|300|app');
}

test('without a mapping the missing roles are named, with it the new ones are asked for', async () => {
  const plain = await holdfast([...restore, '--dry-run']);
  expect(plain.code).toBe(1);
  expect(plain.stdout).toMatch(/"roles-missing","message":"the server has no roles Reader, app"/);
  const wrong = await holdfast([...restore, '--dry-run', '--map-role', 'app=nobody', '--map-role', 'Reader=lesende']);
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(/the server has no role nobody/);
});

test('owners, privileges, default privileges, policies and settings come under the new names; the copy is compared so', async () => {
  const result = await holdfast([...restore, ...map]);
  expect(result.code, result.stdout).not.toBe(1);
  const last = result.json().at(-1);
  expect(last, result.stdout).toMatchObject({ type: 'result', outcome: 'restored', comparison: { differences: [] } });
  expect(result.json().find(({ type }) => type === 'plan')).toMatchObject({
    roles: { app: 'App Staging', Reader: 'lesende' },
  });
  await expectMapped();
});

test('in place it is the same', async () => {
  await target.psql('DROP TABLE app.app', 'app');
  const result = await holdfast([...restore, ...map, '--in-place', '--no-safety-backup']);
  expect(result.json().at(-1), result.stdout).toMatchObject({ outcome: 'restored', comparison: { differences: [] } });
  await expectMapped();
});

test('two roles do not become one, unless privileges are left out', async () => {
  const merging = ['--map-role', 'app=App Staging', '--map-role', 'Reader=other'];
  const refused = await holdfast([...restore, ...merging, '--dry-run']);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/"code":"roles-become-one"/);
  const result = await holdfast([...restore, ...merging, '--no-acl', '--into', 'merged']);
  expect(result.code, result.stdout).not.toBe(1);
  expect(await target.psql(`SELECT relowner::regrole FROM pg_class WHERE oid = 'app.app'::regclass`, 'merged')).toBe(
    '"App Staging"',
  );
});

test('a backup that is SQL only is refused, and says why', async () => {
  expect((await holdfast(['backup', '--format', 'sql.gz', '--repository', 'sql', '--json'])).code).not.toBe(1);
  const result = await holdfast([...restore, ...map, '--repository', 'sql', '--dry-run']);
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/"code":"roles-not-mappable"/);
});
