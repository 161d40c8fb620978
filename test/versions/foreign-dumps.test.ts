/** Every format of this version's own pg_dump, read as a file of somebody else's; tar differs between versions in its large objects. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { shell } from '../harness/foreign-files.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

describe.each(testedMajors())('files of pg_dump %d', (major) => {
  let server: TestServer;
  let directory: TestDirectory;
  let options: CliOptions;

  beforeAll(async () => {
    server = await startPostgres({ major });
    directory = await makeTestDirectory('foreign-major');
    options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app') } };
    await server.createDatabase('app');
    await server.psql(
      `CREATE ROLE other; CREATE TABLE t (x serial PRIMARY KEY, y text);
       INSERT INTO t (y) SELECT md5(n::text) FROM generate_series(1, 500) n;
       SELECT lo_from_bytea(0, decode(repeat('00ff', 500 * n), 'hex')) FROM generate_series(1, 3) n;
       SELECT format('ALTER LARGE OBJECT %s OWNER TO other', lo_from_bytea(0, 'one of another owner')) \\gexec`,
      'app',
    );
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it.each([
    ['a.sql.gz', 'pg_dump --create | gzip > a.sql.gz'],
    ['a.dump', 'pg_dump -Fc > a.dump'],
    ['a-z0.dump', 'pg_dump -Fc -Z0 > a-z0.dump'],
    ['a.tar.gz', 'pg_dump -Ft | gzip > a.tar.gz'],
  ])('%s is verified and restored', async (name, command) => {
    await shell(command, directory.path, server);
    const verified = await runHoldfast(['verify', '--file', name], options);
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.stdout).toContain(`PostgreSQL ${String(major)}`);
    const restored = await runHoldfast(['restore', '--file', name, '--into', 'copy'], options);
    // 3 where psql of this release cannot be locked.
    expect(restored.code, restored.stderr).toBeOneOf([0, 3]);
    const sql =
      'SELECT count(*), (SELECT count(*) FROM pg_largeobject_metadata), (SELECT sum(length(data)) FROM pg_largeobject) FROM t';
    expect(await server.psql(sql, 'copy')).toBe(await server.psql(sql, 'app'));
    await server.psql('DROP DATABASE copy');
  });
});
