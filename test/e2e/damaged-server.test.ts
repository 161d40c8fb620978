/** A damaged server that is worse: processes die when they read, catalogs do not read. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { damageBlocks, makeDeadly } from '../harness/damaged-files.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

// Each test runs the program several times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;

beforeEach(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('worse');
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.url('app') } };
  await server.createDatabase('app');
  await server.psql(
    `CREATE TYPE mood AS ENUM ('well', 'un''well');
     CREATE TABLE a_first (id serial PRIMARY KEY, mood mood DEFAULT 'well', note text CHECK (note <> ''));
     INSERT INTO a_first (note) SELECT 'n' || i FROM generate_series(1, 300) i;
     CREATE TABLE killer (id int PRIMARY KEY, body text);
     INSERT INTO killer SELECT i, 'needle ' || i || ' ' || repeat('x', 300) FROM generate_series(1, 200) i;
     CREATE TABLE z_last (id int PRIMARY KEY REFERENCES a_first);
     INSERT INTO z_last SELECT i FROM generate_series(1, 250) i;
     CREATE INDEX ON z_last ((id + 1)) WHERE id > 10;
     COMMENT ON TABLE a_first IS 'said of it'`,
    'app',
  );
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

interface Facts {
  readonly tables?: readonly { readonly table: string; readonly rows: number; readonly lost: readonly unknown[] }[];
  readonly salvage?: { readonly list: Facts['tables']; readonly definitions: string };
  readonly id?: string;
}

test('a process that dies when it reads a table is survived, and the table named', async () => {
  await makeDeadly(server, 'app', 'killer', 'needle 150 ');
  const looked = await runHoldfast(['doctor', '--damage', '--json'], options);
  expect(looked.code, looked.stdout + looked.stderr).toBe(15);
  const { tables } = looked.json().at(-1) as Facts;
  const rows = (name: string): number | undefined => tables?.find(({ table }) => table === name)?.rows;
  expect([rows('a_first'), rows('z_last')]).toEqual([300, 250]);
  expect(rows('killer')).toBeLessThan(150);
  expect(looked.stdout).toMatch(/reading it made the server break the connection/);

  const backup = await runHoldfast(['backup'], options);
  expect(backup.code, backup.stderr).toBe(16);
  expect(backup.stderr).toMatch(/doctor --damage/);

  const saved = await runHoldfast(['backup', '--salvage', '--json'], options);
  expect(saved.code, saved.stdout + saved.stderr).toBe(15);
  const { id, salvage } = saved.json().at(-1) as Facts;
  const kept = salvage?.list?.find(({ table }) => table === 'killer')?.rows ?? 0;
  expect(kept).toBeLessThan(150);
  const restored = await runHoldfast(['restore', id ?? '', '--into', 'saved', '--yes'], options);
  expect(restored.code, restored.stdout + restored.stderr).toBe(3);
  expect(await server.psql('SELECT count(*) FROM killer', 'saved')).toBe(String(kept));
  expect(await server.psql('SELECT count(*) FROM z_last', 'saved')).toBe('250');
});

test('where pg_dump does not get through the catalogs, definitions are put together from what reads', async () => {
  await damageBlocks(server, 'app', [{ relation: 'pg_description', block: 0, how: 'garbage' }]);
  const backup = await runHoldfast(['backup'], options);
  expect(backup.code, backup.stderr).toBe(15);
  const saved = await runHoldfast(['backup', '--salvage', '--json'], options);
  expect(saved.code, saved.stdout + saved.stderr).toBe(3);
  const { id, salvage } = saved.json().at(-1) as Facts;
  expect(salvage?.definitions).toBe('the catalogs');
  const restored = await runHoldfast(['restore', id ?? '', '--into', 'saved', '--yes'], options);
  expect(restored.code, restored.stdout + restored.stderr).toBe(3);
  expect(restored.stdout + restored.stderr).not.toMatch(/do not hold what was demanded/);
  const kept = `SELECT (SELECT count(*) FROM a_first WHERE mood = 'well'), (SELECT count(*) FROM z_last),
    (SELECT count(*) FROM pg_constraint WHERE conrelid = 'z_last'::regclass AND contype IN ('p', 'f')), nextval('a_first_id_seq')`;
  expect(await server.psql(kept, 'saved')).toBe('300|250|2|301');
});

test('damaged indexes of the catalogs are left aside, and that is said', async () => {
  const index = 'pg_class_relname_nsp_index';
  const blocks = Number(await server.psql(`SELECT pg_relation_size('${index}') / 8192`, 'app'));
  const damages = Array.from({ length: blocks }, (_, block) => ({ relation: index, block, how: 'garbage' as const }));
  await damageBlocks(server, 'app', damages);
  const looked = await runHoldfast(['doctor', '--damage', '--json'], options);
  expect(looked.stdout).toContain('system-indexes-ignored');
  const { tables } = looked.json().at(-1) as Facts;
  expect(tables?.map(({ table, rows }) => [table, rows])).toEqual([
    ['a_first', 300],
    ['killer', 200],
    ['z_last', 250],
  ]);
  const saved = await runHoldfast(['backup', '--salvage', '--json'], options);
  expect([3, 15], saved.stdout + saved.stderr).toContain(saved.code);
});

test('a database that is whole reads whole', async () => {
  const looked = await runHoldfast(['doctor', '--damage'], options);
  expect(looked.code, looked.stdout + looked.stderr).toBe(0);
  expect(looked.stdout).toMatch(/all of it reads: 3 tables/);
  const saved = await runHoldfast(['backup', '--salvage'], options);
  expect(saved.code, saved.stdout + saved.stderr).toBe(0);
  expect(saved.stdout).toMatch(/every row of 3 tables could be read/);
});

test('--salvage and what chooses a part exclude each other', async () => {
  expect(await runHoldfast(['backup', '--salvage', '--table', 'killer'], options)).toMatchObject({ code: 2 });
});
