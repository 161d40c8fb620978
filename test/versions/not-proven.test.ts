/** A copy that differs from the source in the least thing is never called proven, and never swapped in. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { backupFolders, forgeFingerprint } from '../harness/forge.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { join } from 'node:path';

const schema = `
  CREATE TABLE t (id integer PRIMARY KEY, amount numeric, name text);
  INSERT INTO t SELECT n, n + 1.0, 'row ' || n FROM generate_series(1, 100) n;
  CREATE TABLE without_key (v text);
  INSERT INTO without_key VALUES ('a'), ('b'), ('c');
  CREATE INDEX t_name ON t (name);
  CREATE SEQUENCE counter;
  SELECT setval('counter', 41);
`;

const changes: readonly (readonly [title: string, sql: string, seen: RegExp])[] = [
  ['one row differs', `UPDATE t SET name = 'row 8' WHERE id = 7`, /t.*content/i],
  ['one row is there twice', `INSERT INTO without_key VALUES ('b')`, /without_key.*(rows|4)/i],
  ['one row took the place of another', `UPDATE without_key SET v = 'b' WHERE v = 'c'`, /without_key.*content/i],
  [
    'a number is written 1.00 instead of 1.0',
    `UPDATE t SET amount = amount::numeric(10,2) WHERE id = 7`,
    /t.*content/i,
  ],
  ['an index is missing', 'DROP INDEX t_name', /index.*t_name.*missing/i],
  ['a sequence stands elsewhere', `SELECT setval('counter', 42)`, /sequence.*counter/i],
];

describe.each(testedMajors().filter((major) => major >= 15))('PostgreSQL %i', (major) => {
  let server: TestServer;
  let directory: TestDirectory;

  beforeAll(async () => {
    server = await startPostgres({ major });
    directory = await makeTestDirectory('unproven');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  test.each(changes)('%s: not proven, and not restored', async (_title, change, seen) => {
    const name = `db${changes.findIndex((each) => each[1] === change)}`;
    await server.createDatabase(name);
    await server.psql(schema, name);
    const options: CliOptions = {
      cwd: directory.path,
      env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl(name) },
    };
    // 3: done, with the warning that so small a backup is unusual.
    expect(await runHoldfast(['backup'], options)).toMatchObject({ code: 3 });
    await server.psql(change, name);
    expect(await runHoldfast(['backup'], options)).toMatchObject({ code: 3 });
    const [source, copy] = await backupFolders(join(directory.path, 'backups'), name);
    await forgeFingerprint(copy ?? '', source ?? '');

    const drill = await runHoldfast(['drill', 'latest'], options);
    expect(drill.code, drill.stdout + drill.stderr).toBe(1);
    expect(drill.stdout + drill.stderr).toMatch(/not proven/);
    expect(drill.stdout + drill.stderr).toMatch(seen);

    await server.psql('CREATE TABLE still_here ()', name);
    const restore = await runHoldfast(['restore', 'latest', '--yes'], options);
    expect(restore.code, restore.stdout + restore.stderr).toBe(1);
    expect(await server.psql(`SELECT to_regclass('still_here')`, name)).toBe('still_here');
    const others = await server.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE '${name}!_%' ESCAPE '!'`);
    expect(others).toBe('0');
  });
});
