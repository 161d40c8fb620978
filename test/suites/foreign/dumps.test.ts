/** Every kind of file that pg_dump writes, in every wrapping: verified, drilled, restored. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../../harness/cli.ts';
import { createEveryObjectRoles, loadEveryObject } from '../../harness/every-object.ts';
import { shell } from '../../harness/foreign-files.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;
let before: readonly string[];

/** The file, the command that makes it, and what it is said to be. */
const files = [
  ['plain.sql', 'pg_dump > plain.sql', 'sql', []],
  ['plain.sql.gz', 'pg_dump | gzip > plain.sql.gz', 'sql', ['gzip']],
  ['plain.sql.zst', 'pg_dump | zstd -q > plain.sql.zst', 'sql', ['zstd']],
  ['without-owners.sql', 'pg_dump --no-owner --no-acl > without-owners.sql', 'sql', []],
  ['create.sql', 'pg_dump --create > create.sql', 'sql', []],
  ['clean-create.sql', 'pg_dump --clean --if-exists --create > clean-create.sql', 'sql', []],
  ['clean.sql.gz', 'pg_dump --clean | gzip > clean.sql.gz', 'sql', ['gzip']],
  ['inserts.sql', 'pg_dump --column-inserts --rows-per-insert 3 > inserts.sql', 'sql', []],
  ['custom.dump', 'pg_dump -Fc -f custom.dump', 'custom', []],
  ['custom-z0.dump.zst', 'pg_dump -Fc -Z0 | zstd -q > custom-z0.dump.zst', 'custom', ['zstd']],
  ['custom.dump.gz', 'pg_dump -Fc > x.dump; gzip < x.dump > custom.dump.gz; rm x.dump', 'custom', ['gzip']],
  ['twice.dump.gz.zst', 'pg_dump -Fc | gzip | zstd -q > twice.dump.gz.zst', 'custom', ['zstd', 'gzip']],
  ['format.tar', 'pg_dump -Ft > format.tar', 'tar', []],
  ['format.tar.gz', 'pg_dump -Ft | gzip > format.tar.gz', 'tar', ['gzip']],
  ['packed.tar.gz', 'pg_dump > x.sql; tar -czf packed.tar.gz x.sql; rm x.sql', 'sql', ['gzip', 'tar']],
  ['packed.tar', 'mkdir d; pg_dump -Fc | gzip > d/x.gz; tar -cf packed.tar d; rm -r d', 'custom', ['tar', 'gzip']],
  ['no-ending', 'pg_dump -Fc > no-ending', 'custom', []],
  ['wrong-ending.sql', 'pg_dump -Fc > wrong-ending.sql', 'custom', []],
] as const;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('foreign');
  await createEveryObjectRoles(server);
  await loadEveryObject(server, 'app');
  await server.psql("SELECT lo_from_bytea(0, decode(repeat('00ff', 5000), 'hex')) FROM generate_series(1, 3)", 'app');
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app') } };
  for (const [, command] of files) await shell(command, directory.path, server);
  before = contentOf(directory.path);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** Every file with its time and the hash of its bytes. */
function contentOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => {
      const path = join(folder, name);
      return `${name} ${String(statSync(path).mtimeMs)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    });
}

async function holdfast(...args: readonly string[]): Promise<CliResult> {
  return runHoldfast(args, options);
}

function factsOf(result: CliResult, type = 'result'): Readonly<Record<string, unknown>> {
  return result.json().find((line) => line['type'] === type) ?? {};
}

/** What the source holds, in lines: rows per table, large objects, objects. */
async function inventory(database: string): Promise<string> {
  const tables = await server.psql(
    `SELECT format('SELECT %L, count(*) FROM ONLY %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1`,
    database,
  );
  const rows = await server.psql(tables.split('\n').join(' UNION ALL '), database);
  const objects = await server.psql(
    `SELECT 'large objects', count(*) FROM pg_largeobject_metadata
     UNION ALL SELECT 'routines', count(*) FROM pg_proc WHERE oid >= 16384
     UNION ALL SELECT 'constraints', count(*) FROM pg_constraint WHERE oid >= 16384
     UNION ALL SELECT 'indexes', count(*) FROM pg_indexes WHERE schemaname !~ '^pg_'
     UNION ALL SELECT 'policies', count(*) FROM pg_policy
     UNION ALL SELECT 'triggers', count(*) FROM pg_trigger`,
    database,
  );
  return [...rows.split('\n').sort(), objects].join('\n');
}

test.each(files)('%s is known by its content, and verified', async (name, _command, form, layers) => {
  const verified = await holdfast('verify', '--file', name, '--json');
  expect(verified.code, verified.stdout).toBe(0);
  expect(factsOf(verified)).toMatchObject({
    outcome: 'verified',
    form,
    layers,
    engine: 'postgres',
    checksum: { state: 'none' },
  });
});

test.each(['plain.sql', 'custom.dump.gz', 'format.tar.gz'])(
  '%s is drilled: restored, counted, not proven',
  async (name) => {
    const drilled = await holdfast('drill', '--file', name, '--json');
    expect(drilled.code, drilled.stdout).toBe(0);
    const proof = factsOf(drilled);
    expect(proof).toMatchObject({ outcome: 'restored', comparison: null, checks: [] });
    expect(drilled.json().filter(({ type }) => type === 'finding')).toMatchObject([{ code: 'foreign-file' }]);
    const counted = proof['tables'] as readonly { table: string; rows: number | null }[];
    expect(counted.length).toBeGreaterThan(5);
    for (const { table, rows } of counted.filter(({ rows: count }) => count !== null)) {
      expect(await server.psql(`SELECT count(*) FROM ONLY ${table}`, 'app'), table).toBe(String(rows));
    }
  },
);

test.each([
  'without-owners.sql',
  'create.sql',
  'clean-create.sql',
  'clean.sql.gz',
  'inserts.sql',
  'custom-z0.dump.zst',
  'twice.dump.gz.zst',
  'format.tar',
  'packed.tar.gz',
  'packed.tar',
])('%s restores to what the source holds', async (name) => {
  const into = name.replaceAll(/[^a-z]/g, '_');
  const result = await holdfast('restore', '--file', name, '--into', into);
  expect(result.code, result.stderr).toBe(0);
  expect(await inventory(into)).toBe(await inventory('app'));
  await server.psql(`DROP DATABASE ${into}`);
});

test('a restore goes beside, swaps, keeps what it replaced, and can be undone', async () => {
  await server.psql('CREATE TABLE made_since ()', 'app');
  const plan = await holdfast('restore', '--file', 'plain.sql.gz', '--dry-run');
  expect(plan.code, plan.stderr).toBe(0);
  expect(plan.stdout).toContain('Plan: restore app plain.sql.gz');
  expect(await server.psql("SELECT to_regclass('made_since')", 'app')).toBe('made_since');

  const result = await holdfast('restore', '--file', 'plain.sql.gz', '--yes', '--json');
  expect(result.code, result.stdout).toBe(0);
  expect(factsOf(result)).toMatchObject({ outcome: 'restored', id: 'plain.sql.gz', name: 'app', comparison: null });
  expect(await server.psql("SELECT to_regclass('made_since')", 'app')).toBe('');
  expect((await holdfast('restore', '--undo', '--yes')).code).toBe(0);
  expect(await server.psql("SELECT to_regclass('made_since')", 'app')).toBe('made_since');
  expect((await holdfast('restore', '--drop-replaced', '--yes')).code).toBe(0);
  await server.psql('DROP TABLE made_since', 'app');
});

test('--no-owner and --no-acl hold for a script too', async () => {
  const result = await holdfast('restore', '--file', 'plain.sql', '--into', 'mine', '--no-owner', '--no-acl');
  expect(result.code, result.stderr).toBe(0);
  const owners = await server.psql(
    `SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE nspname !~ '^(pg_|information_schema)' AND relkind = 'r'`,
    'mine',
  );
  expect(owners).toBe('postgres');
  await server.psql('DROP DATABASE mine');
});

describe('one table', () => {
  test('comes out of an archive, also out of one in tar format', async () => {
    const [table] = (
      await server.psql(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'sales' ORDER BY 1",
        'app',
      )
    ).split('\n');
    for (const name of ['custom.dump', 'format.tar.gz']) {
      const result = await holdfast('restore', '--file', name, '--table', table ?? '', '--to-file', `${name}.sql`);
      expect(result.code, result.stderr).toBe(0);
      expect(readFileSync(join(directory.path, `${name}.sql`), 'utf8')).toMatch(/CREATE TABLE sales\./);
      await shell(`rm ${name}.sql`, directory.path, null);
    }
  });

  test('does not come out of a script, which is said', async () => {
    const result = await holdfast('restore', '--file', 'plain.sql', '--table', 'sales.orders');
    expect(result.code).toBe(13);
    expect(result.stderr).toMatch(/holds no archive/);
  });
});

test('nothing was changed, added or left beside the files', () => {
  expect(contentOf(directory.path)).toEqual(before);
  expect(readdirSync(join(directory.path, '.holdfast-state')).filter((name) => name.startsWith('holdfast-'))).toEqual(
    [],
  );
});
