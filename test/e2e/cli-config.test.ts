/** `holdfast config`: every mistake with its place, what counts in the end, and never a secret. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runHoldfast, type CliResult } from '../harness/cli.ts';
import { expectFailure } from '../harness/failure.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const secret = 'pl4nted-s3cret';
let directory: TestDirectory;

beforeEach(async () => {
  directory = await makeTestDirectory('config');
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

function config(
  word: string,
  env: Readonly<Record<string, string>> = {},
  ...more: readonly string[]
): Promise<CliResult> {
  return runHoldfast(['config', word, ...more], { cwd: directory.path, env });
}

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(directory.path, name), content);
}

test('check names every mistake with line, column and the nearest right name', async () => {
  await write(
    'holdfast.yaml',
    'repositry: /srv\ndatabases:\n  app:\n    url: file:x.db\n    fromats: [custom]\n    level: 40\n',
  );
  const result = await config('check');
  expectFailure(result, { code: 2, says: /3 mistakes in the settings/ });
  expect(result.stderr).toMatch(/holdfast\.yaml:1:1: unknown setting repositry/);
  expect(result.stderr).toMatch(/Did you mean repository\?/);
  expect(result.stderr).toMatch(/holdfast\.yaml:5:5: unknown setting databases\.app\.fromats/);
  expect(result.stderr).toMatch(/Did you mean formats\?/);
  expect(result.stderr).toMatch(/holdfast\.yaml:6:5: databases\.app\.level/);
});

test('any other command names the first mistake and says how many more there are', async () => {
  await write('holdfast.yaml', 'repositry: /srv\ndatabaze: {}\n');
  expectFailure(await runHoldfast(['list'], { cwd: directory.path }), {
    code: 2,
    says: /holdfast\.yaml:1:1: unknown setting repositry \(and 1 more/,
  });
});

test('check says so when there is no mistake, with and without a file', async () => {
  expect(await config('check')).toMatchObject({ code: 0, stdout: expect.stringMatching(/no settings file/) as string });
  await write('holdfast.yaml', 'databases:\n  app: {url: "file:x.db"}\n');
  const result = await config('check');
  expect([result.code, result.stdout]).toEqual([0, expect.stringMatching(/holdfast\.yaml; 1 database: app/)]);
});

test('show gives what counts in the end and where it was read, and no secret', async () => {
  await write('.env', `DATABASE_URL=postgres://me:${secret}@localhost:1/ignored\n`);
  await write('holdfast.yaml', 'repository: /srv/b\ndatabases:\n  app: {urlEnv: APP_URL, level: 7}\n');
  const env = { APP_URL: `postgres://me:${secret}@db.example.com/app`, BACKUP_DIR: '/from/environment' };
  for (const format of [[], ['--json']]) {
    const result = await config('show', env, ...format);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toContain('postgres://me@db.example.com');
    expect(result.stdout).toContain('databases.app.urlEnv in holdfast.yaml');
    expect(result.stdout).toContain('/from/environment');
    expect(result.stdout).toContain('BACKUP_DIR in the environment');
    expect(result.stdout + result.stderr).not.toContain(secret);
  }
  expect((await config('show', env)).stdout).toMatch(/databases\.app\.level +7/);
});

test('schema is the published one, and knows the settings', async () => {
  const result = await config('schema');
  const found = JSON.parse(result.stdout) as { properties: Record<string, unknown> };
  expect(Object.keys(found.properties)).toEqual(expect.arrayContaining(['repository', 'databases', 'sizes']));
});

test('a word that config does not know is a usage error', async () => {
  expectFailure(await config('chekc'), { code: 2, says: /config knows no "chekc"/ });
});
