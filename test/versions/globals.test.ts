/** Roles and memberships between servers of each version: from 16 on memberships have options and grantors that mean something. */

import { describe, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory } from '../harness/temporary.ts';

const majors = testedMajors();
const pairs = majors.flatMap((from) =>
  [from, Math.max(...majors)].filter((to, at) => at === 0 || to !== from).map((to) => [from, to] as const),
);

const membershipsSql = (major: number): string => `
  SELECT string_agg(m, ' ' ORDER BY m) FROM (SELECT roleid::regrole || '>' || member::regrole || ':' || admin_option
    ${major >= 16 ? "|| ',' || inherit_option || ',' || set_option || ',' || grantor::regrole" : ''} AS m
    FROM pg_auth_members WHERE member >= 16384) x`;

async function prepare(server: TestServer): Promise<void> {
  await server.createDatabase('app');
  await server.psql(
    `CREATE ROLE a; CREATE ROLE b NOINHERIT LOGIN PASSWORD 'x'; CREATE ROLE c; ALTER ROLE b SET work_mem TO '7MB';
     GRANT a TO b WITH ADMIN OPTION; GRANT a TO c GRANTED BY ${server.major >= 16 ? 'b' : 'CURRENT_USER'}`,
  );
  if (server.major >= 16) await server.psql('CREATE ROLE d; GRANT c TO d WITH INHERIT FALSE, SET FALSE');
  await server.psql('CREATE TABLE t (x int); ALTER TABLE t OWNER TO a; GRANT SELECT ON t TO b', 'app');
}

describe.each(pairs)('from PostgreSQL %i to %i', (from, to) => {
  test('roles, settings and memberships come back, and the database for roles of another name', async () => {
    await using source = await startPostgres({ major: from });
    await using target = await startPostgres({ major: to });
    await using directory = await makeTestDirectory('globals');
    await prepare(source);
    const env = {
      HOLDFAST_PG_BIN: `${source.binDirectory}:${target.binDirectory}`,
      DATABASE_URL: source.socketUrl('app'),
      TARGET_URL: target.socketUrl('app'),
    };
    const holdfast = (args: readonly string[]): Promise<CliResult> =>
      runHoldfast([...args, '--json'], { cwd: directory.path, env });
    const made = await holdfast(['backup']);
    expect(made.code, made.stdout).not.toBe(1);
    const globals = ['restore', 'latest', '--globals', '--to', 'env:TARGET_URL'];
    const result = await holdfast(globals);
    expect(result.code, result.stdout).toBe(0);
    if (from === to) {
      expect(await target.psql(membershipsSql(to))).toBe(await source.psql(membershipsSql(from)));
    } else if (from < 16 && to >= 16) {
      // What a role had before is what it has: whether b inherits was a matter of the role.
      expect(await target.psql(membershipsSql(to))).toBe('a>b:true,false,true,postgres a>c:false,true,true,postgres');
    }
    expect(await target.psql(`SELECT setconfig FROM pg_db_role_setting`)).toBe('{work_mem=7MB}');
    const again = await holdfast([...globals, '--dry-run']);
    const items = again.json().at(-1)?.['globals'] as readonly { readonly state: string }[];
    expect(new Set(items.map(({ state }) => state)), again.stdout).toEqual(new Set(['same']));

    if (from === to && to >= 16) {
      await target.psql('GRANT c TO d WITH ADMIN TRUE, INHERIT TRUE, SET TRUE');
      const replaced = await holdfast([...globals, '--replace', '--yes']);
      expect(replaced.code, replaced.stdout).toBe(0);
      expect(await target.psql(membershipsSql(to))).toBe(await source.psql(membershipsSql(from)));
    }

    const mapped = await holdfast(['restore', 'latest', '--to', 'env:TARGET_URL', '--map-role', 'a=c', '--yes']);
    expect(mapped.json().at(-1), mapped.stdout).toMatchObject({ outcome: 'restored' });
    expect(await target.psql(`SELECT tableowner FROM pg_tables WHERE tablename = 't'`, 'app')).toBe('c');
  });

  test('what only the versions make of the schema public is said, and is no difference of the copy', async () => {
    await using source = await startPostgres({ major: from });
    await using target = await startPostgres({ major: to });
    await using directory = await makeTestDirectory('upgrade');
    await prepare(source);
    await source.psql('GRANT ALL ON SCHEMA public TO a', 'app');
    await target.psql('CREATE ROLE a; CREATE ROLE b; CREATE ROLE c');
    const env = {
      HOLDFAST_PG_BIN: `${source.binDirectory}:${target.binDirectory}`,
      DATABASE_URL: source.socketUrl('app'),
      TARGET_URL: target.socketUrl('app'),
      SERVER_URL: target.socketUrl('postgres'),
    };
    const holdfast = (args: readonly string[]): Promise<CliResult> =>
      runHoldfast([...args, '--json'], { cwd: directory.path, env });
    expect((await holdfast(['backup'])).code).not.toBe(1);
    const isClosed = from < 15 && to >= 15;
    for (const [args, outcome] of [
      [['drill', '--on', 'env:SERVER_URL'], 'proven'],
      [['restore', 'latest', '--to', 'env:TARGET_URL', '--yes'], 'restored'],
      [['restore', 'latest', '--to', 'env:TARGET_URL', '--in-place', '--yes'], 'restored'],
    ] as const) {
      const result = await holdfast(args);
      expect(result.json().at(-1), result.stdout).toMatchObject({ outcome });
      const said = result.json().filter(({ type, code }) => type === 'finding' && code === 'public-schema-closed');
      if (!args.some((arg) => arg === '--in-place')) expect(said, result.stdout).toHaveLength(isClosed ? 1 : 0);
    }
    // A privilege that is really missing is still a difference.
    expect(await target.psql(`SELECT has_schema_privilege('a', 'public', 'create')`, 'app')).toBe('t');
  });
});
