/** Passwords and names with every character that separates something somewhere; and the password is nowhere to be seen. */

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { filesHolding, holds, watchCommandLines } from '../harness/secrets.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const password = `p@:/?#%'" $w\\x`;
const longest = 'größe_und_länge_eines_namens_der_63_bytes_hat_und_voll_ist__';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres({ password });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function load(name: string): Promise<void> {
  await server.createDatabase(name);
  await server.psql('CREATE TABLE t (x int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000)', name);
}

/** The forms in which people name a database: each writes what it needs and gives the environment. */
const ways: readonly (readonly [
  string,
  (directory: TestDirectory, name: string) => Promise<Record<string, string>>,
])[] = [
  [
    'DB_PASSWORD and DB_NAME in .env as they are',
    async (directory, name) => {
      const lines = [
        'DB_HOST=127.0.0.1',
        `DB_PORT=${server.port}`,
        'DB_USER=postgres',
        `DB_NAME='${name.replaceAll("'", `'\\''`)}'`,
      ];
      await writeFile(join(directory.path, '.env'), [...lines, `DB_PASSWORD=${password}`, ''].join('\n'));
      return {};
    },
  ],
  ['DATABASE_URL, percent-encoded', (_directory, name) => Promise.resolve({ DATABASE_URL: server.url(name) })],
];

describe.each(ways)('%s', (way, configure) => {
  test.each(way.includes('.env') ? [`Every "thing"`] : [`a=b dbname='x' %20@:/?#$HOME`, longest])(
    '%s goes round',
    async (name) => {
      await load(name);
      await using directory = await makeTestDirectory('odd');
      const env = { ...server.toolEnvironment, SERVER: server.url(), ...(await configure(directory, name)) };
      const others = await databases();
      await using watch = watchCommandLines(password);
      const run = async (...args: readonly string[]): Promise<CliResult> => {
        const result = await runHoldfast([...args, '--verbose'], { cwd: directory.path, env });
        const said = result.stdout + result.stderr;
        expect([0, 3], said).toContain(result.code);
        expect(holds(said, password), said).toBe(false);
        return result;
      };
      await run('doctor');
      await run('backup', '--format', 'custom,sql.gz');
      await run('drill');
      await run('drill', '--on', 'env:SERVER');
      await server.psql('DELETE FROM t WHERE x > 10', name);
      await run('restore', 'latest', '--yes');
      expect(await count(name)).toBe('1000');
      await run('restore', '--undo', '--yes');
      expect(await count(name)).toBe('10');
      await run('restore', '--undo', '--yes');
      await run('restore', 'latest', '--table', 't');
      await run('restore', 'latest', '--into', `${name.slice(0, 20)} 2`);
      await run('restore', '--drop-replaced', '--yes');
      expect(await count(name)).toBe('1000');
      expect(watch.found).toEqual([]);
      expect((await filesHolding(directory.path, password)).map((file) => file.replace(/^.*\//, ''))).toEqual(
        way.includes('.env') ? ['.env'] : [],
      );
      await server.psql('DROP DATABASE :"name"', 'postgres', { name: `${name.slice(0, 20)} 2` });
      expect(await databases()).toBe(others);
      await server.psql('DROP DATABASE :"name"', 'postgres', { name });
    },
  );
});

test('a password among the words of a program would have been seen', async () => {
  const watch = watchCommandLines(password);
  const child = spawn('sh', ['-c', 'sleep 5; :', 'sh', `postgres://me:${encodeURIComponent(password)}@host/`]);
  for (let attempt = 0; attempt < 100 && watch.found.length === 0; attempt += 1) await sleep(20);
  child.kill('SIGKILL');
  await watch[Symbol.asyncDispose]();
  expect(watch.found[0]).toMatch(/^sh -c sleep/);
});

test('a refused password is not repeated in the error, in text or as JSON', async () => {
  await using directory = await makeTestDirectory('odd');
  const env = { ...server.toolEnvironment, DATABASE_URL: server.url('postgres').replace('%24w', '%24wrong') };
  for (const flags of [['--verbose'], ['--json', '--verbose']]) {
    const result = await runHoldfast(['backup', ...flags], { cwd: directory.path, env });
    expect(result.code).toBe(16);
    expect(holds(result.stdout + result.stderr, password.replace('$w', '$wrong'))).toBe(false);
    expect(holds(result.stdout + result.stderr, password.slice(0, 10))).toBe(false);
  }
  expect(await filesHolding(directory.path, password.replace('$w', '$wrong'))).toEqual([]);
});

async function count(name: string): Promise<string> {
  return await server.psql('SELECT count(*) FROM t', name);
}

async function databases(): Promise<string> {
  return await server.psql('SELECT datname FROM pg_database ORDER BY 1');
}
