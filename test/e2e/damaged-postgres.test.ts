/** A PostgreSQL server whose files are damaged: what still reads is named and saved, exactly that, and comes back. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { damageBlocks } from '../harness/damaged-files.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

// Each test runs the program several times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

interface TableFacts {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
  readonly lost: readonly {
    readonly unit: string;
    readonly first: string;
    readonly last: string;
    readonly error: string;
  }[];
  readonly error: string | null;
  readonly backupRows?: number | null;
}

interface IndexFacts {
  readonly index: string;
  readonly state: string;
  readonly error: string | null;
}

const content = `
  CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL);
  INSERT INTO notes SELECT i, 'note ' || i || repeat('x', 300) FROM generate_series(1, 2000) i;
  CREATE TABLE comments (id int PRIMARY KEY, note int NOT NULL REFERENCES notes);
  INSERT INTO comments SELECT i, i FROM generate_series(1, 2000) i;
  CREATE TABLE zeroed (id int PRIMARY KEY, body text);
  INSERT INTO zeroed SELECT i, repeat('y', 400) FROM generate_series(1, 500) i;
  CREATE TABLE "Odd ""table""" (id int PRIMARY KEY, "a b" text);
  INSERT INTO "Odd ""table""" SELECT i, repeat('z', 50) FROM generate_series(1, 3000) i;
  CREATE TABLE pictures (id int PRIMARY KEY, body text);
  ALTER TABLE pictures ALTER body SET STORAGE EXTERNAL;
  INSERT INTO pictures SELECT i, repeat(md5(i::text), 200) FROM generate_series(1, 100) i;
  CREATE TABLE sound (id int PRIMARY KEY, at timestamptz);
  INSERT INTO sound SELECT i, '2026-11-20'::timestamptz + i * interval '1 s' FROM generate_series(1, 1000) i;
  CREATE SEQUENCE counter START 42;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM sound;
`;
/** Rows of a table, with their content, but for those that are lost. */
const digestOf = (table: string, columns: string, where = 'true'): string =>
  `SELECT count(*) || ' ' || coalesce(md5(string_agg(${columns}, ',' ORDER BY id)), '') FROM ${table} WHERE ${where}`;
const blockOf = `split_part(trim('()' from ctid::text), ',', 1)::int`;

describe.each([
  { checksums: true, amcheck: true },
  { checksums: false, amcheck: false },
])('damaged blocks, checksums $checksums, amcheck $amcheck', ({ checksums, amcheck }) => {
  let server: TestServer;
  let directory: TestDirectory;
  let options: CliOptions;
  let salvaged: string;
  const expected = new Map<string, string>();
  let lostPictures = 0;

  beforeAll(async () => {
    server = await startPostgres({ initdbArgs: checksums ? ['--data-checksums'] : [] });
    directory = await makeTestDirectory('hurt');
    options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.url('app') } };
    await server.createDatabase('app');
    await server.psql(content, 'app');
    if (amcheck) await server.psql('CREATE EXTENSION amcheck', 'app');
    await server.psql('VACUUM ANALYZE', 'app');
    expect(await runHoldfast(['backup'], options)).toMatchObject({ code: 0 });
    const toast = await server.psql(`SELECT reltoastrelid::regclass FROM pg_class WHERE relname = 'pictures'`, 'app');
    lostPictures = Number(
      await server.psql(`SELECT count(DISTINCT chunk_id) FROM ${toast} WHERE ${blockOf} = 4`, 'app'),
    );
    for (const [table, sql] of [
      ['notes', digestOf('notes', 'id || body', `${blockOf} NOT IN (3, 4, 60)`)],
      ['zeroed', digestOf('zeroed', 'id || body', `${blockOf} <> 2`)],
      ['"Odd ""table"""', digestOf('"Odd ""table"""', `id || "a b"`)],
      ['comments', digestOf('comments', 'id || note::text')],
      ['sound', digestOf('sound', 'id || at::text')],
    ] as const) {
      expected.set(table, await server.psql(sql, 'app'));
    }
    await damageBlocks(server, 'app', [
      { relation: 'notes', block: 3, how: 'garbage' },
      { relation: 'notes', block: 4, how: 'garbage' },
      { relation: 'notes', block: 60, how: 'garbage' },
      { relation: 'zeroed', block: 2, how: 'zeros' },
      { relation: '"Odd ""table""_pkey"', block: 3, how: 'garbage' },
      { relation: toast, block: 4, how: 'garbage' },
    ]);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  function lastLine(result: CliResult): Readonly<Record<string, unknown>> {
    const last = result.json().at(-1);
    if (last === undefined) throw new Error(`no result: ${result.stderr}`);
    return last;
  }

  const rowsIn = (table: string): number => Number((expected.get(table) ?? '').split(' ')[0]);

  test('doctor --damage names tables, blocks and indexes, what the backup holds, and the ways back', async () => {
    const result = await runHoldfast(['doctor', '--damage', '--json'], options);
    expect(result.code, result.stdout + result.stderr).toBe(15);
    const facts = lastLine(result);
    const tables = facts['tables'] as readonly TableFacts[];
    const of = (name: string): TableFacts | undefined => tables.find(({ table }) => table === name);
    expect(of('notes')).toMatchObject({
      rows: rowsIn('notes'),
      backupRows: 2000,
      lost: [
        { unit: 'block', first: '3', last: '4' },
        { unit: 'block', first: '60', last: '60' },
      ],
    });
    expect(of('zeroed')).toMatchObject({
      rows: rowsIn('zeroed'),
      backupRows: 500,
      lost: [{ unit: 'block', first: '2', last: '2', error: expect.stringContaining('zeros') as string }],
    });
    expect(of('pictures')?.rows).toBe(100 - lostPictures);
    expect(of('pictures')?.lost.every(({ unit }) => unit === 'row')).toBe(true);
    expect(of('pictures')?.lost[0]?.error).toMatch(/pg_toast/);
    for (const name of ['comments', 'sound']) expect(of(name)).toMatchObject({ lost: [], error: null });
    const indexes = facts['indexes'] as readonly IndexFacts[];
    const damaged = indexes.filter(({ state }) => state === 'damaged').map(({ index }) => index);
    expect(damaged).toContain('Odd "table"_pkey');
    expect(damaged).not.toContain('sound_pkey');
    expect(indexes.find(({ index }) => index === 'sound_pkey')?.state).toBe('sound');
    expect(facts['newestBackup']).toMatchObject({ rows: 8601 });
    expect((facts['ways'] as readonly { way: string }[]).map(({ way }) => way)).toEqual(
      expect.arrayContaining(['salvage', 'tables', 'restore']),
    );
    if (!amcheck) expect(result.stdout).toContain('CREATE EXTENSION amcheck');
    expect(await server.psql(`SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'`, 'app')).toBe(
      amcheck ? '1' : '0',
    );
  });

  test('and says it in words', async () => {
    const result = await runHoldfast(['doctor', '--damage'], options);
    expect(result.code).toBe(15);
    expect(result.stdout).toMatch(/public\.notes: blocks 3 to 4, block 60: /);
    expect(result.stdout).toMatch(/ways back/);
  });

  test('an ordinary backup fails, lists nothing and names the way', async () => {
    const result = await runHoldfast(['backup'], options);
    expect(result.code, result.stderr).toBe(15);
    expect(result.stderr).toMatch(/hint: .*backup --salvage/);
    expect(await backups()).toHaveLength(1);
  });

  async function backups(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await runHoldfast(['list', '--json'], options)).json().filter((line) => line['type'] === 'backup');
  }

  test('backup --salvage saves exactly what reads, and lists the rest', async () => {
    const result = await runHoldfast(['backup', '--salvage', '--json'], options);
    expect(result.code, result.stdout + result.stderr).toBe(15);
    const facts = lastLine(result);
    salvaged = String(facts['id']);
    expect(facts['scope']).toMatchObject({ kind: 'tables', salvaged: true });
    const { list, definitions } = facts['salvage'] as { list: readonly TableFacts[]; definitions: string };
    expect(definitions).toMatch(/^pg_dump/);
    const rows = new Map(list.map(({ table, rows: saved }) => [table, saved]));
    expect(rows.get('notes')).toBe(rowsIn('notes'));
    expect(rows.get('zeroed')).toBe(rowsIn('zeroed'));
    expect(rows.get('pictures')).toBe(100 - lostPictures);
    expect(rows.get('Odd "table"')).toBe(3000);
    expect(await backups()).toHaveLength(2);
    expect(await runHoldfast(['verify', salvaged], options)).toMatchObject({ code: 0 });
    const shown = await runHoldfast(['show', salvaged], options);
    expect(shown.stdout).toMatch(/salvaged/);
    expect(shown.stdout).toMatch(/public\.notes.*blocks 3 to 4/);
  });

  test('a salvage is never latest, and never put in place of a database', async () => {
    const latest = await runHoldfast(['show', 'latest', '--json'], options);
    expect(lastLine(latest)['id']).not.toBe(salvaged);
    expect(await runHoldfast(['restore', salvaged, '--yes'], options)).toMatchObject({ code: 2 });
  });

  test('restored under another name it gives those rows, and says what does not hold', async () => {
    const result = await runHoldfast(['restore', salvaged, '--into', 'saved', '--yes'], options);
    expect(result.code, result.stdout + result.stderr).toBe(3);
    expect(result.stdout + result.stderr).toMatch(/violates foreign key constraint/);
    for (const [table, columns] of [
      ['notes', 'id || body'],
      ['zeroed', 'id || body'],
      ['"Odd ""table"""', `id || "a b"`],
      ['comments', 'id || note::text'],
      ['sound', 'id || at::text'],
    ] as const) {
      expect(await server.psql(digestOf(table, columns), 'saved'), table).toBe(expected.get(table));
    }
    expect(await server.psql('SELECT count(*) FROM pictures', 'saved')).toBe(String(100 - lostPictures));
    expect(await server.psql('SELECT n FROM counted', 'saved')).toBe('1000');
    expect(await server.psql('SELECT last_value FROM counter', 'saved')).toBe('42');
    expect(await server.psql(`SELECT count(*) FROM pg_constraint WHERE contype = 'f'`, 'saved')).toBe('0');
    const keys = `SELECT count(*) FROM pg_constraint WHERE contype = 'p' AND connamespace = 'public'::regnamespace`;
    expect(await server.psql(keys, 'saved')).toBe('6');
  });

  test('its RESTORE.txt says what it is', async () => {
    const [backup] = (await backups()).filter(({ id }) => id === salvaged);
    const text = await readFile(join(String(backup?.['folder']), 'RESTORE.txt'), 'utf8');
    expect(text).toMatch(/SALVAGED/);
  });
});
