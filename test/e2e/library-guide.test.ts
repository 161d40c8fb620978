/**
 * docs/guide/library.md as its readers use it: the package as it is built, every example type-checked against its declarations
 * and run, on PostgreSQL and on SQLite.
 */

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliEnvironment } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

interface Example {
  readonly code: string;
  /** It is about servers: not for SQLite. */
  readonly isServerOnly: boolean;
}

let project: TestDirectory;
let server: TestServer;
let examples: readonly Example[] = [];

beforeAll(async () => {
  project = await makeTestDirectory('guide');
  server = await startPostgres();
  await installPackage(join(project.path, 'node_modules/holdfast'));
  await mkdir(join(project.path, 'node_modules/@types'));
  await symlink(join(root, 'node_modules/@types/node'), join(project.path, 'node_modules/@types/node'));
  const page = await readFile(join(root, 'docs/guide/library.md'), 'utf8');
  examples = [...page.matchAll(/^```ts( PostgreSQL)?\n([\s\S]*?)^```$/gm)].map(([, mark, code]) => {
    return { code: code ?? '', isServerOnly: mark !== undefined };
  });
  for (const [index, { code }] of examples.entries()) {
    await writeFile(join(project.path, `example-${String(index + 1)}.ts`), code);
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

/** As `npm install` leaves it: what the package publishes, and its dependencies. */
async function installPackage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')]);
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
}

test('every example fits the declarations of the package', async () => {
  expect(examples.length).toBeGreaterThan(6);
  const compilerOptions = {
    ...{ target: 'es2024', lib: ['es2024', 'esnext.disposable'], module: 'nodenext', types: ['node'] },
    ...{ strict: true, noEmit: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
  };
  const config = { compilerOptions, include: ['example-*.ts'] };
  await writeFile(join(project.path, 'package.json'), '{"type":"module"}');
  await writeFile(join(project.path, 'tsconfig.json'), JSON.stringify(config));
  const checked = await run(process.execPath, [compiler, '-p', project.path]).catch((thrown: unknown) => thrown);
  expect(checked).toMatchObject({ stdout: '' });
});

describe.each(['PostgreSQL', 'SQLite'])('on %s', (kind) => {
  let url = '';

  beforeAll(async () => {
    const definition = 'CREATE TABLE orders (id int PRIMARY KEY, note text);';
    const rows = "INSERT INTO orders VALUES (1, 'one'), (2, 'two'), (3, 'three');";
    if (kind === 'PostgreSQL') {
      await server.createDatabase('shop');
      await server.psql(definition + rows, 'shop');
      url = server.url('shop');
    } else {
      using database = new DatabaseSync(join(project.path, 'shop.db'));
      database.exec(definition + rows);
      url = `file:${join(project.path, 'shop.db')}`;
    }
  });

  test('every example runs, one after the other', async () => {
    const cwd = join(project.path, kind);
    await mkdir(cwd);
    const env = {
      ...cliEnvironment({ cwd, env: { ...server.toolEnvironment, DATABASE_URL: url, NEW_SERVER_URL: url } }),
      EXPECT_TRUE: kind === 'PostgreSQL' ? 't' : '1',
    };
    const said: string[] = [];
    for (const [index, { isServerOnly }] of examples.entries()) {
      if (isServerOnly && kind !== 'PostgreSQL') continue;
      const example = join(project.path, `example-${String(index + 1)}.ts`);
      const { stdout, stderr } = await run(process.execPath, [example], { cwd, env, timeout: 60_000 });
      expect(stderr, `example ${String(index + 1)}`).toBe('');
      said.push(stdout);
    }
    const all = said.join('\n');
    expect(all).toMatch(/^\d{8}T\d{6}Z-\w+-\w{4}: 1 tables, \d+ bytes$/m);
    expect(all).toMatch(/^proven: 3 rows, restored in \d+ ms$/m);
    expect(all).toMatch(/ is back; what it replaced is \S+$/m);
    expect(all).toMatch(/orders\S*restored\S*: 3 rows$/m);
    expect(all).toMatch(/^\S+\.orders: 3 rows read, 3 in the newest good backup$/m);
    if (kind === 'PostgreSQL') {
      expect(all).toMatch(/^shop: backed-up as shop$/m);
      expect(all).toMatch(/^shop is /m);
      expect(all).toMatch(/^role postgres: same, none$/m);
    }
    expect(all).toMatch(/^stopped; nothing is left behind$/m);
    expect(all).toMatch(/^covered$/m);
  }, 300_000);
});
