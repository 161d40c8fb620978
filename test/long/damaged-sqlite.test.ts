/** A damaged SQLite file: what still reads is named and saved, and the file itself stays as it is. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { PageFile } from '../../src/engine/sqlite/damage/table-leaves.ts';
import { ask, makeDatabase } from '../suites/sqlite/databases.ts';

interface Reading {
  readonly table: string;
  readonly rows: number;
  readonly lost: readonly { readonly unit: string; readonly first: string; readonly last: string }[];
}

// Each test runs the program several times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const pageBytes = 4096;
let directory: TestDirectory;
let options: CliOptions;
let path: string;

beforeEach(async () => {
  directory = await makeTestDirectory('hurt');
  path = join(directory.path, 'app.db');
  options = { cwd: directory.path, env: { DATABASE_URL: 'file:app.db' } };
  makeDatabase(
    path,
    `PRAGMA page_size = ${String(pageBytes)};
     CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);
     CREATE TABLE tag (name TEXT, note INTEGER REFERENCES note);
     CREATE TABLE pair (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
     CREATE TABLE picture (id INTEGER PRIMARY KEY, bytes BLOB);
     CREATE INDEX note_text ON note (text);
     CREATE VIEW short AS SELECT id FROM note WHERE length(text) < 10;
     CREATE VIRTUAL TABLE words USING fts5(text);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO note (text) SELECT 'note ' || i || hex(randomblob(40)) FROM n;
     INSERT INTO tag SELECT 'tag ' || id, id FROM note;
     INSERT INTO pair SELECT 'a' || id, text FROM note WHERE id <= 1000;
     INSERT INTO picture SELECT id, randomblob(20000) FROM note WHERE id <= 50;
     INSERT INTO words SELECT 'one two ' || id FROM note WHERE id <= 20;
     PRAGMA user_version = 7;`,
    'delete',
  );
  expect(await runHoldfast(['backup'], options)).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

async function overwrite(page: number, bytes: Buffer, at = 0): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, (page - 1) * pageBytes + at);
}

async function digest(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Row numbers of the leaves of a table, from the first page on. */
function leaves(
  table: string,
): readonly { readonly first: bigint; readonly last: bigint; readonly rows: number | null }[] {
  const root = Number(ask(path, `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`));
  using pages = new PageFile(path);
  return [...pages.leavesOf(root)];
}

/** The page that holds a row, as SQLite's own statistics say it: the row count of pages before it. */
function pageOf(
  table: string,
  number: number,
): { readonly page: number; readonly rows: number; readonly before: number } {
  const at = `FROM dbstat WHERE name = '${table}' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET ${String(number)}`;
  const page = Number(ask(path, `SELECT pageno ${at}`));
  const rows = Number(ask(path, `SELECT ncell ${at}`));
  const before = Number(
    ask(
      path,
      `SELECT total(ncell) FROM (SELECT ncell FROM dbstat WHERE name = '${table}' AND pagetype = 'leaf' ORDER BY path LIMIT ${String(number)})`,
    ),
  );
  return { page, rows, before };
}

async function assess(): Promise<{
  readonly tables: readonly Reading[];
  readonly code: number | null;
  readonly stdout: string;
}> {
  const looked = await runHoldfast(['doctor', '--damage', '--json'], options);
  const facts = looked.json().at(-1) as { readonly tables?: readonly Reading[] };
  return { tables: facts.tables ?? [], code: looked.code, stdout: looked.stdout + looked.stderr };
}

async function salvageAndRestore(): Promise<{ readonly saved: string; readonly list: readonly Reading[] }> {
  const result = await runHoldfast(['backup', '--salvage', '--json'], options);
  expect(result.code, result.stdout + result.stderr).toBe(15);
  const { id, salvage } = result.json().at(-1) as { id: string; salvage: { list: readonly Reading[] } };
  expect(await runHoldfast(['verify', id], options)).toMatchObject({ code: 0 });
  const saved = join(directory.path, 'saved.db');
  const restored = await runHoldfast(['restore', id, '--into', saved, '--yes'], options);
  expect(restored.code, restored.stdout + restored.stderr).toBe(3);
  return { saved, list: salvage.list };
}

describe('a damaged page in the midst of a table', () => {
  test.each(['zeros', 'garbage'])(
    'of %s: its rows are named, the others saved, the file is not touched',
    async (how) => {
      const { page, rows, before } = pageOf('note', 20);
      const second = pageOf('note', 22);
      for (const one of [page, second.page]) await overwrite(one, Buffer.alloc(pageBytes, how === 'zeros' ? 0 : 0xa5));
      const was = await digest();
      const names = await readdir(directory.path);

      const { tables, code, stdout } = await assess();
      expect(code, stdout).toBe(15);
      expect(tables.find(({ table }) => table === 'note')).toMatchObject({
        rows: 5000 - rows - second.rows,
        lost: [
          { unit: 'rowid', first: String(before + 1), last: String(before + rows) },
          { unit: 'rowid', first: String(second.before + 1), last: String(second.before + second.rows) },
        ],
      });
      expect(tables.find(({ table }) => table === 'tag')).toMatchObject({ rows: 5000, lost: [] });

      const backup = await runHoldfast(['backup'], options);
      expect(backup.code, backup.stderr).toBe(15);
      expect(backup.stderr).toMatch(/hint: .*backup --salvage/);

      const { saved, list } = await salvageAndRestore();
      expect(list.find(({ table }) => table === 'note')?.rows).toBe(5000 - rows - second.rows);
      expect(ask(saved, 'SELECT count(*) FROM note')).toBe(5000 - rows - second.rows);
      expect(
        ask(saved, `SELECT count(*) FROM note WHERE id BETWEEN ${String(before + 1)} AND ${String(before + rows)}`),
      ).toBe(0);
      expect(ask(saved, `SELECT text LIKE 'note 4999%' FROM note WHERE id = 4999`)).toBe(1);
      expect(ask(saved, 'SELECT count(*) FROM pair')).toBe(1000);
      expect(ask(saved, 'SELECT total(length(bytes)) FROM picture')).toBe(50 * 20_000);
      expect(ask(saved, `SELECT count(*) FROM words WHERE words MATCH 'two'`)).toBe(20);
      expect(ask(saved, 'PRAGMA user_version')).toBe(7);
      expect(ask(saved, 'PRAGMA integrity_check')).toBe('ok');

      expect(await digest()).toBe(was);
      expect((await readdir(directory.path)).filter((name) => name !== 'saved.db')).toEqual(names);
    },
  );
});

test('a damaged overflow page costs the one row it belongs to', async () => {
  const page = Number(
    ask(
      path,
      `SELECT pageno FROM dbstat WHERE name = 'picture' AND pagetype = 'overflow' ORDER BY path LIMIT 1 OFFSET 30`,
    ),
  );
  // The first four bytes lead to the next page of the chain.
  await overwrite(page, Buffer.from([0xff, 0xff, 0xff, 0xff]));
  const { tables } = await assess();
  const picture = tables.find(({ table }) => table === 'picture');
  expect(picture?.rows).toBe(49);
  expect(picture?.lost).toHaveLength(1);
  expect(picture?.lost[0]?.first).toBe(picture?.lost[0]?.last);
  const { saved } = await salvageAndRestore();
  expect(ask(saved, 'SELECT count(*) FROM picture')).toBe(49);
});

test('a damaged index costs nothing', async () => {
  const page = Number(
    ask(path, `SELECT pageno FROM dbstat WHERE name = 'note_text' AND pagetype = 'leaf' LIMIT 1 OFFSET 5`),
  );
  await overwrite(page, Buffer.alloc(pageBytes, 0x5a));
  const looked = await runHoldfast(['doctor', '--damage', '--json'], options);
  expect(looked.code, looked.stdout).toBe(15);
  const facts = looked.json().at(-1) as {
    indexes: readonly { index: string; state: string }[];
    ways: readonly { way: string }[];
  };
  expect(facts.indexes.find(({ index }) => index === 'note_text')?.state).toBe('damaged');
  expect(facts.ways[0]?.way).toBe('reindex');
});

test('a table without row numbers is read from both ends', async () => {
  const page = Number(
    ask(path, `SELECT pageno FROM dbstat WHERE name = 'pair' AND pagetype = 'leaf' LIMIT 1 OFFSET 5`),
  );
  await overwrite(page, Buffer.alloc(pageBytes, 0x5a));
  const { tables } = await assess();
  const pair = tables.find(({ table }) => table === 'pair');
  expect(pair?.rows).toBeGreaterThan(900);
  expect(pair?.rows).toBeLessThan(1000);
  const { saved } = await salvageAndRestore();
  expect(ask(saved, 'SELECT count(*) FROM pair')).toBe(pair?.rows);
});

test('a definition that nobody understands costs only what it defines', async () => {
  const database = new DatabaseSync(path, { defensive: false });
  database.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE tag (' WHERE name = 'tag'`);
  database.close();
  const { tables, code, stdout } = await assess();
  expect(code, stdout).toBe(15);
  expect(tables.find(({ table }) => table === 'note')).toMatchObject({ rows: 5000, lost: [] });
  const { saved } = await salvageAndRestore();
  expect(ask(saved, 'SELECT count(*) FROM note')).toBe(5000);
});

test('a file that is whole reads whole', async () => {
  expect(leaves('note').reduce((sum, { rows }) => sum + (rows ?? 0), 0)).toBe(5000);
  const looked = await runHoldfast(['doctor', '--damage'], options);
  expect(looked.code, looked.stdout + looked.stderr).toBe(0);
  const saved = await runHoldfast(['backup', '--salvage'], options);
  expect(saved.code, saved.stdout + saved.stderr).toBe(0);
});

describe('a write-ahead log', () => {
  /** The database as a crash leaves it: everything is in the log, in several transactions. */
  async function crash(): Promise<void> {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
    for (let at = 1; at <= 20; at += 1)
      database.exec(`UPDATE note SET text = 'changed ${String(at)}' WHERE id = ${String(at * 200)}`);
    const files = await Promise.all(
      ['', '-wal'].map(async (ending) => [ending, await readFile(path + ending)] as const),
    );
    database.close();
    for (const [ending, bytes] of files) await writeFile(path + ending, bytes);
  }

  test('that is whole belongs to the database', async () => {
    await crash();
    const was = await readFile(`${path}-wal`);
    const { code, stdout } = await assess();
    expect(code, stdout).toBe(0);
    expect((await readFile(`${path}-wal`)).equals(was)).toBe(true);
    const saved = await runHoldfast(['backup', '--salvage', '--json'], options);
    expect(saved.code, saved.stdout).toBe(0);
    const { id } = saved.json().at(-1) as { id: string };
    const copy = join(directory.path, 'saved.db');
    expect((await runHoldfast(['restore', id, '--into', copy, '--yes'], options)).code).toBe(3);
    expect(ask(copy, `SELECT count(*) FROM note WHERE text LIKE 'changed %'`)).toBe(20);
  });

  test('that is damaged in the midst loses what was committed behind, which is said', async () => {
    await crash();
    const log = await readFile(`${path}-wal`);
    log.writeUInt8(log.readUInt8(Math.floor(log.length / 2)) ^ 0xff, Math.floor(log.length / 2));
    await writeFile(`${path}-wal`, log);
    const { code, stdout } = await assess();
    expect(code, stdout).toBe(15);
    expect(stdout).toMatch(/frame \d+ is damaged, .*transactions are lost/);
    await salvageAndRestore();
  });

  test('with frames of an earlier round, or of a transaction that never ended, is whole', async () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 5');
    database.exec(
      `UPDATE note SET text = 'first ' || text; PRAGMA wal_checkpoint(RESTART); UPDATE note SET text = 'second' WHERE id = 7`,
    );
    database.exec(`BEGIN; UPDATE note SET text = 'never'`);
    const files = await Promise.all(
      ['', '-wal'].map(async (ending) => [ending, await readFile(path + ending)] as const),
    );
    database.exec('ROLLBACK');
    database.close();
    for (const [ending, bytes] of files) await writeFile(path + ending, bytes);
    const { code, stdout } = await assess();
    expect(code, stdout).toBe(0);
  });
});

test('a hot journal is rolled back in the copy only', async () => {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA cache_size = 5; BEGIN; UPDATE note SET text = 'never'`);
  const files = await Promise.all(
    ['', '-journal'].map(async (ending) => [ending, await readFile(path + ending)] as const),
  );
  database.exec('ROLLBACK');
  database.close();
  for (const [ending, bytes] of files) await writeFile(path + ending, bytes);
  const was = await digest();
  const saved = await runHoldfast(['backup', '--salvage', '--json'], options);
  expect(saved.code, saved.stdout + saved.stderr).toBe(0);
  expect(await digest()).toBe(was);
  const { id } = saved.json().at(-1) as { id: string };
  const copy = join(directory.path, 'saved.db');
  expect((await runHoldfast(['restore', id, '--into', copy, '--yes'], options)).code).toBe(3);
  expect(ask(copy, `SELECT count(*) FROM note WHERE text = 'never'`)).toBe(0);
});

test.each([
  ['nothing', () => Buffer.alloc(0)],
  ['bytes that are no database', () => Buffer.alloc(40_960, 0xa5)],
  ['one page', (bytes: Buffer) => bytes.subarray(0, pageBytes)],
  ['half of the first page', (bytes: Buffer) => bytes.subarray(0, pageBytes / 2)],
  ['half of the file', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))],
  ['a first page of zeros', (bytes: Buffer) => Buffer.concat([Buffer.alloc(pageBytes), bytes.subarray(pageBytes)])],
] as const)('a file that holds %s is never a success', async (_, change) => {
  await writeFile(path, change(await readFile(path)));
  for (const args of [
    ['doctor', '--damage'],
    ['backup', '--salvage'],
  ]) {
    const result = await runHoldfast(args, options);
    expect([1, 2, 15], args.join(' ') + result.stdout + result.stderr).toContain(result.code);
  }
});

test.each([
  [512, 'FULL'],
  [65_536, 'INCREMENTAL'],
])('pages of %i bytes, auto_vacuum %s: every row comes back, and damage costs its own', async (size, vacuum) => {
  makeDatabase(
    path,
    `PRAGMA page_size = ${String(size)}; PRAGMA auto_vacuum = ${vacuum};
     CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB);
     CREATE TABLE strict (a INT, b TEXT, PRIMARY KEY (b, a)) STRICT, WITHOUT ROWID;
     CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT);
     CREATE TABLE unused (x);
     CREATE TABLE made (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
       INSERT INTO note SELECT i * 3 - 4500, 'note ' || i, randomblob(i % 700) FROM n;
     INSERT INTO strict SELECT id, text FROM note; INSERT INTO hidden SELECT id, text, 1 FROM note; INSERT INTO made (a) SELECT id FROM note;
     INSERT INTO note (id) VALUES (9223372036854775807), (-9223372036854775808);`,
    'delete',
  );
  const sums = `SELECT group_concat(x) FROM (SELECT total(length(bytes)) || total(id) || count(*) AS x FROM note
    UNION ALL SELECT total(a) || count(*) FROM strict UNION ALL SELECT total(rowid) || count(*) FROM hidden UNION ALL SELECT total(b) FROM made)`;
  const whole = await runHoldfast(['backup', '--salvage', '--json'], options);
  expect(whole.code, whole.stdout + whole.stderr).toBe(0);
  const { id } = whole.json().at(-1) as { id: string };
  const copy = join(directory.path, 'whole.db');
  expect((await runHoldfast(['restore', id, '--into', copy, '--yes'], options)).code).toBe(3);
  expect(ask(copy, sums)).toBe(ask(path, sums));
  expect([ask(copy, 'PRAGMA page_size'), ask(copy, 'PRAGMA auto_vacuum')]).toEqual([size, vacuum === 'FULL' ? 1 : 2]);
  expect(ask(copy, 'PRAGMA integrity_check')).toBe('ok');

  const { page, rows } = pageOf('note', 3);
  await using file = await open(path, 'r+');
  await file.write(Buffer.alloc(size, 0x5a), 0, size, (page - 1) * size);
  const { tables } = await assess();
  expect(tables.find(({ table }) => table === 'note')?.rows).toBe(3002 - rows);
  const { saved } = await salvageAndRestore();
  expect(ask(saved, 'SELECT count(*) FROM note')).toBe(3002 - rows);
});

test('what is no table is damaged: the free pages', async () => {
  const database = new DatabaseSync(path);
  database.exec('DELETE FROM picture');
  database.close();
  const header = await readFile(path);
  await overwrite(header.readUInt32BE(32), Buffer.alloc(pageBytes, 0xee));
  const { code, stdout } = await assess();
  expect(code, stdout).toBe(15);
});

test('a journal that comes and goes while the file is copied stops nothing', async () => {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(${JSON.stringify(path)}, { timeout: 5000 });
    process.stdout.write('ready');
    for (;;) database.exec("UPDATE note SET text = text || 'x' WHERE id = 1");`;
  const writer = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(writer.stdout, 'data');
    for (let round = 0; round < 5; round += 1) {
      const looked = await runHoldfast(['doctor', '--damage', '--json'], options);
      expect([0, 3, 15], looked.stdout + looked.stderr).toContain(looked.code);
    }
  } finally {
    writer.kill('SIGKILL');
    await once(writer, 'exit');
  }
});
