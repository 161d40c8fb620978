import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { TableDestination, TableRequest } from '../../../src/engine/engine.ts';
import { runChild } from '../../../src/system/child-process.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { ask, change, makeDatabase } from './databases.ts';
import { everyKind } from './every-kind.ts';
import { openEngine, startWork, takeBackup } from './image-store.ts';

const shop = `
  CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE "order" (
    id INTEGER PRIMARY KEY AUTOINCREMENT, customer INTEGER REFERENCES customer (id), total REAL CHECK ("order".total >= 0),
    before INTEGER REFERENCES "order" (id), tax AS (total * 0.19)
  );
  CREATE TABLE line ("order" INTEGER REFERENCES "order" (id), text TEXT);
  CREATE INDEX order_customer ON "order" (customer) WHERE total > 0;
  CREATE UNIQUE INDEX "order by id" ON "order" (id DESC, "total");
  CREATE VIEW big AS SELECT * FROM "order" WHERE total > 10;
  CREATE TABLE log (text TEXT);
  CREATE TRIGGER noted AFTER INSERT ON "order" BEGIN INSERT INTO log VALUES ('order ' || new.id); END;
  CREATE TRIGGER counted AFTER DELETE ON customer BEGIN DELETE FROM "order" WHERE customer = old.id; END;
  INSERT INTO customer VALUES (1, 'Ada'), (2, 'Grace');
  INSERT INTO "order" (id, customer, total, before) VALUES (1, 1, 5, NULL), (2, 1, 50.5, 1), (7, 2, 12, NULL);
  DELETE FROM "order" WHERE id = 7;
  INSERT INTO line VALUES (1, 'a'), (2, 'b');
`;

function wish(destination: TableDestination, ...tables: readonly string[]): TableRequest {
  return { tables, destination, owners: true, privileges: true };
}

async function shopAndBackup(folder: string) {
  const path = join(folder, 'shop.db');
  makeDatabase(path, shop);
  const { source } = await takeBackup(openEngine(path));
  return { path, source, engine: openEngine(path) };
}

test('tables come back beside the living ones, with indexes of their own and no trigger', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const { path, source, engine } = await shopAndBackup(folder.path);
  change(path, 'DELETE FROM "order"; DELETE FROM log');
  const [restored] = await engine.restoreTables(wish({ kind: 'beside' }, 'ORDER'), source, startWork());
  expect(restored).toMatchObject({ table: 'order', keptAs: null, rows: 2, indexes: 2 });
  const name = restored?.restoredAs ?? '';
  expect(name).toMatch(/^order_restored_\d{8}_\d{6}$/);
  expect(ask(path, `SELECT group_concat(id || ' ' || total || ' ' || tax, '; ') FROM "${name}"`)).toBe(
    '1 5.0 0.95; 2 50.5 9.595',
  );
  expect(ask(path, `SELECT seq FROM sqlite_sequence WHERE name = '${name}'`)).toBe(7);
  expect(ask(path, `SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = '${name}'`)).toBe(2);
  expect(ask(path, 'SELECT count(*) FROM log')).toBe(0);
  expect(ask(path, 'SELECT count(*) FROM "order"')).toBe(0);
  expect(ask(path, 'PRAGMA integrity_check')).toBe('ok');
});

test('a table comes back in the place of the living one, whose rows, indexes and triggers are kept', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const { path, source, engine } = await shopAndBackup(folder.path);
  change(path, 'UPDATE "order" SET total = 0; INSERT INTO "order" (customer, total) VALUES (2, 3)');
  const [restored] = await engine.restoreTables(wish({ kind: 'replace' }, 'order'), source, startWork());
  const kept = restored?.keptAs ?? '';
  expect(restored).toMatchObject({ table: 'order', restoredAs: 'order', rows: 2, indexes: 2 });
  expect(ask(path, 'SELECT sum(total) FROM big')).toBe(50.5);
  expect(ask(path, `SELECT count(*) || ' ' || sum(total) FROM "${kept}"`)).toBe('3 3.0');
  expect(
    ask(path, `SELECT count(*) FROM sqlite_schema WHERE tbl_name = '${kept}' AND type IN ('index', 'trigger')`),
  ).toBe(3);
  const text = String(ask(path, "SELECT sql FROM sqlite_schema WHERE name = 'line'"));
  expect(text).toContain('REFERENCES "order" (id)');
  // What the application does next goes where it always went.
  change(
    path,
    `PRAGMA foreign_keys = ON; INSERT INTO "order" (customer, total) VALUES (1, 1); INSERT INTO line VALUES (8, 'c')`,
  );
  expect(ask(path, 'SELECT max(id) FROM "order"')).toBe(8);
  expect(ask(path, 'SELECT text FROM log ORDER BY rowid DESC')).toBe('order 8');
  expect(ask(path, 'PRAGMA integrity_check')).toBe('ok');
});

test('a replacement that would leave rows pointing at nothing is refused, and nothing is changed', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const { path, source, engine } = await shopAndBackup(folder.path);
  change(path, `INSERT INTO "order" (id, customer, total) VALUES (9, 1, 1); INSERT INTO line VALUES (9, 'new')`);
  const before = ask(path, 'SELECT group_concat(name || sql) FROM sqlite_schema');
  await expect(engine.restoreTables(wish({ kind: 'replace' }, 'order'), source, startWork())).rejects.toMatchObject({
    code: 'sqlite-foreign-keys',
    message: '1 rows would point at nothing: line to order',
  });
  expect(ask(path, 'SELECT group_concat(name || sql) FROM sqlite_schema')).toBe(before);
  expect(ask(path, 'SELECT count(*) FROM "order"')).toBe(3);
  const both = await engine.restoreTables(wish({ kind: 'replace' }, 'line', 'order'), source, startWork());
  expect(both.map(({ table, rows }) => [table, rows])).toEqual([
    ['order', 2],
    ['line', 2],
  ]);
});

test('a dropped table comes back in its place with nothing to keep', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const { path, source, engine } = await shopAndBackup(folder.path);
  change(path, 'DROP TABLE line');
  const restored = await engine.restoreTables(wish({ kind: 'replace' }, 'main.line'), source, startWork());
  expect(restored).toMatchObject([{ table: 'line', restoredAs: 'line', keptAs: null, rows: 2 }]);
});

test('tables of every shape come back to the very value, beside and as text', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, everyKind);
  const { source } = await takeBackup(openEngine(path));
  const tables = ['"odd ""name"" ü"', 'anything', 'keyed', 'strict_one', 'computed', 'gaps', 'added'];
  const beside = await openEngine(path).restoreTables(wish({ kind: 'beside' }, ...tables), source, startWork());
  const database = new DatabaseSync(path);
  for (const { table, restoredAs } of beside) {
    const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
    const rows = (name: string) => {
      const columns = database.prepare(`SELECT * FROM ${quoted(name)} LIMIT 0`).columns();
      const values = columns.map((column) => `typeof(${quoted(column.name)}), hex(${quoted(column.name)})`);
      return database
        .prepare(`SELECT ${values.join(', ')} FROM ${quoted(name)}`)
        .all()
        .map((row) => Object.values(row));
    };
    expect(rows(restoredAs)).toEqual(rows(table));
  }
  expect(
    database
      .prepare(`SELECT group_concat(rowid) AS r FROM ${beside.find(({ table }) => table === 'gaps')?.restoredAs ?? ''}`)
      .get()?.['r'],
  ).toBe('-2,5,100,101');
  database.close();
  const file = join(folder.path, 'tables.sql');
  const written = await openEngine(path).restoreTables(
    wish({ kind: 'file', path: file }, 'gaps', 'anything'),
    source,
    startWork(),
  );
  expect(written.map(({ table, restoredAs, rows, indexes }) => [table, restoredAs, rows, indexes])).toEqual([
    ['anything', file, 27, 1],
    ['gaps', file, 4, 0],
  ]);
  await runChild(
    { command: 'sqlite3', args: ['-bail', join(folder.path, 'read.db'), `.read ${file}`] },
    new AbortController().signal,
  );
  expect(ask(join(folder.path, 'read.db'), 'SELECT count(*) FROM anything')).toBe(27);
  expect(readFileSync(file, 'utf8')).toContain('INSERT INTO "gaps"(rowid,"v") VALUES(-2,\'minus two\');');
  await expect(
    openEngine(path).restoreTables(wish({ kind: 'file', path: file }, 'gaps'), source, startWork()),
  ).rejects.toMatchObject({
    code: 'sqlite-target-exists',
  });
});

test('an unknown table is named beforehand and at the end, and a virtual one is refused', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const { path, source, engine } = await shopAndBackup(folder.path);
  const plan = await engine.planTables(wish({ kind: 'beside' }, 'order', 'orders'), source, startWork());
  expect(plan.steps[1]).toBe(`create order_restored_<time> in ${path} with 2 rows and its indexes`);
  expect(plan.findings).toMatchObject([
    { severity: 'blocking', code: 'sqlite-table-missing', message: 'the backup has no table orders' },
  ]);
  await expect(engine.restoreTables(wish({ kind: 'beside' }, 'orders'), source, startWork())).rejects.toMatchObject({
    code: 'sqlite-table-missing',
  });
  change(path, 'CREATE VIRTUAL TABLE words USING fts5 (text)');
  const later = await takeBackup(engine);
  await expect(
    engine.restoreTables(wish({ kind: 'beside' }, 'words'), later.source, startWork()),
  ).rejects.toMatchObject({ code: 'sqlite-table-unsupported' });
  expect(readdirSync(folder.path)).toEqual(['shop.db']);
});

test('a program that writes is waited for no longer than is fair', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const { path, source, engine } = await shopAndBackup(folder.path);
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const restoring = engine.restoreTables(wish({ kind: 'beside' }, 'line'), source, startWork());
  await new Promise((resolve) => setTimeout(resolve, 1500));
  other.exec('COMMIT');
  other.close();
  expect(await restoring).toMatchObject([{ table: 'line', rows: 2 }]);
});
