/** Single tables from a backup: to a file, beside the living ones, in their place. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { expectFailure } from '../harness/failure.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { libpqVariables } from '../harness/psql.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { runOnTerminal } from '../harness/terminal.ts';

const run = promisify(execFile);
const schema = `
  CREATE SCHEMA "Sales, all";
  CREATE TABLE "Sales, all"."Order ""lines""" (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5) PRIMARY KEY,
    "unit price" numeric NOT NULL CHECK ("unit price" >= 0),
    quantity integer DEFAULT 1,
    total numeric GENERATED ALWAYS AS ("unit price" * quantity) STORED,
    note text);
  CREATE INDEX "by note" ON "Sales, all"."Order ""lines""" (lower(note)) WHERE quantity > 1;
  CREATE UNIQUE INDEX ON "Sales, all"."Order ""lines""" (note, id);
  INSERT INTO "Sales, all"."Order ""lines""" ("unit price", quantity, note)
    SELECT n + 0.50, n % 7, 'note ' || n FROM generate_series(1, 2000) n;
  CREATE TABLE customers (id serial PRIMARY KEY, name text UNIQUE);
  INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 500) n;
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers (id));
  INSERT INTO orders SELECT n, n FROM generate_series(1, 500) n;
`;
const lines = '"Sales, all"."Order ""lines"""';

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('tables');
  await server.createDatabase('app');
  await server.psql(schema, 'app');
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app') } };
  expect((await runHoldfast(['backup'], options)).code).toBe(3);
  // What happens to people: rows lost, rows changed, rows since.
  await server.psql(
    `DELETE FROM ${lines} WHERE quantity = 3; INSERT INTO ${lines} ("unit price", note) VALUES (1, 'since');
     UPDATE orders SET customer = NULL; UPDATE customers SET name = NULL`,
    'app',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function restore(...args: readonly string[]): Promise<CliResult> {
  return await runHoldfast(['restore', 'latest', ...args], options);
}

async function facts(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const result = await restore(...args, '--json');
  expect([0, 3], result.stdout).toContain(result.code);
  return result.json().at(-1) ?? {};
}

/** Rows, their sum, the sequence, the indexes: what must be as it was when the backup was taken. */
async function shapeOf(table: string, database = 'app'): Promise<string> {
  return await server.psql(
    `SELECT count(*), sum(id), sum(total), min(note) FROM ${table};
     SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = '${table}'::regclass;
     SELECT attname, attidentity, attgenerated, atthasdef, attnotnull FROM pg_attribute
      WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum;
     SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '${table}'::regclass ORDER BY 1, 2`,
    database,
  );
}

/** Without the line about the rows. */
function structureOf(shape: string): readonly string[] {
  return shape.split('\n').slice(1);
}

async function tables(): Promise<string> {
  return await server.psql(
    `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information)' ORDER BY 1`,
    'app',
  );
}

test('a file makes the table again with psql, in a database that has nothing of it', async () => {
  const before = await tables();
  const result = await facts('--table', lines, '--table', 'customers', '--to-file', 'lost.sql');
  expect(result['tables']).toEqual([
    expect.objectContaining({ rows: 2000, indexes: 3 }),
    expect.objectContaining({ rows: 500, indexes: 2 }),
  ]);
  const path = join(directory.path, 'lost.sql');
  expect(await readFile(path, 'utf8')).toContain('GENERATED ALWAYS AS IDENTITY');
  await server.createDatabase('elsewhere');
  await server.psql('CREATE SCHEMA "Sales, all"', 'elsewhere');
  await run(join(server.binDirectory, 'psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', path], {
    env: libpqVariables(server, 'elsewhere'),
  });
  expect(await shapeOf(lines, 'elsewhere')).toContain('2000|');
  expect(await server.psql('SELECT count(name) FROM customers', 'elsewhere')).toBe('500');
  await server.psql(`INSERT INTO ${lines} ("unit price", note) VALUES (2, 'next')`, 'elsewhere');
  expect(await server.psql(`SELECT id FROM ${lines} WHERE note = 'next'`, 'elsewhere')).toBe(String(10 + 2000 * 5));

  expectFailure(await restore('--table', 'customers', '--to-file', 'lost.sql'), { code: 1, says: /there already/ });
  expect(await tables()).toBe(before);
});

test('beside: the living table is untouched, the restored one has rows, identity, generated column and indexes', async () => {
  const living = await shapeOf(lines);
  const result = await facts('--table', lines);
  const [restored] = result['tables'] as readonly Readonly<Record<string, unknown>>[];
  expect(restored).toMatchObject({ rows: 2000, indexes: 3, keptAs: null });
  expect(restored?.['restoredAs']).toMatch(/^"Sales, all"\."Order ""lines""_restored_\d{8}_\d{6}"$/);
  expect(await shapeOf(lines)).toBe(living);
  const name = String(restored?.['restoredAs']);
  const shape = await shapeOf(name);
  expect(shape.split('\n')[0]).toMatch(/^2000\|/);
  expect(structureOf(shape)).toEqual(structureOf(await shapeOf(lines, 'elsewhere')));
  await server.psql(`DROP TABLE ${name}`, 'app');
});

test('in its place: asked first, the old one is kept, and the application goes on', async () => {
  expectFailure(await restore('--table', lines, '--replace'), { code: 2, says: /must be confirmed/ });
  const declined = await runOnTerminal(['restore', 'latest', '--table', lines, '--replace'], options, {
    question: /Type app to go on/,
    answer: 'no\r',
  });
  expect([declined.code, declined.stdout]).toEqual([1, expect.stringMatching(/nothing was changed/)]);
  expect(await server.psql(`SELECT count(*) FROM ${lines} WHERE note = 'since'`, 'app')).toBe('1');

  const result = await facts('--table', lines, '--replace', '--yes');
  const [replaced] = result['tables'] as readonly Readonly<Record<string, unknown>>[];
  expect(replaced).toMatchObject({ rows: 2000, indexes: 3, restoredAs: lines });
  expect(structureOf(await shapeOf(lines))).toEqual(structureOf(await shapeOf(lines, 'elsewhere')));
  expect(await server.psql(`SELECT count(*) FROM ${lines} WHERE note = 'since'`, 'app')).toBe('0');
  await server.psql(`INSERT INTO ${lines} ("unit price", note) VALUES (2, 'next')`, 'app');
  expect(await server.psql(`SELECT id FROM ${lines} WHERE note = 'next'`, 'app')).toBe(String(10 + 2000 * 5));
  const kept = String(replaced?.['keptAs']);
  expect(await server.psql(`SELECT count(*) FROM ${kept} WHERE note = 'since'`, 'app')).toBe('1');
});

test('a table that others refer to is not replaced, and the plan names who', async () => {
  const before = await tables();
  const plan = await restore('--table', 'customers', '--replace', '--dry-run');
  expect(plan.code).toBe(1);
  expect(plan.stderr).toMatch(/orders_customer_fkey on table public\.orders/);
  expectFailure(await restore('--table', 'customers', '--replace', '--yes'), { code: 1, says: /orders_customer_fkey/ });
  expect(await server.psql('SELECT count(*), count(name) FROM customers', 'app')).toBe('500|0');
  expect(await tables()).toBe(before);
});

test('a table that refers to others comes back with its foreign key when it takes its place', async () => {
  await facts('--table', 'public.orders', '--replace', '--yes');
  expect(await server.psql('SELECT count(customer) FROM orders', 'app')).toBe('500');
  const keys = `SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'f'`;
  expect(await server.psql(keys, 'app')).toBe('orders_customer_fkey|t');
});

test('a table that the backup does not hold is a clear failure', async () => {
  const result = await restore('--table', 'order_lines');
  expectFailure(result, { code: 13, says: /holds no table order_lines/ });
});
