/** Damaged backups of a SQLite database: found, said, listed as damaged, and never put in place of anything. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { cutTo, flippedAt, lastByteCut, oneByteMore, overwrittenByZeros, twiceItself } from '../harness/damage.ts';
import { openDamagedRepository, type DamagedRepository } from '../harness/damaged-repository.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';
import { ask, change, makeAccounts } from '../suites/sqlite/databases.ts';

const artifacts = [/\.db\.zst$/, /^fingerprint/];

let directory: TestDirectory;
let options: CliOptions;
let repository: DamagedRepository;
let path: string;

beforeAll(async () => {
  directory = await makeTestDirectory('damage');
  path = join(directory.path, 'app.db');
  makeAccounts(path, 'wal', 3);
  options = { cwd: directory.path, env: { DATABASE_URL: 'file:app.db' } };
  for (let count = 0; count < 2; count += 1) {
    expect((await runHoldfast(['backup'], options)).code).toBe(0);
  }
  change(path, 'CREATE TABLE made_since (x)');
  repository = await openDamagedRepository(options, 'app');
});
afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

describe('verify finds', () => {
  test.each([
    [/\.db\.zst$/, [cutTo(0), cutTo(0.4), flippedAt(0), flippedAt(0.33), flippedAt(0.8), overwrittenByZeros]],
    ...artifacts.map((file) => [file, [lastByteCut, flippedAt(0.5), flippedAt(1), oneByteMore, twiceItself]] as const),
    [/^manifest\.json$/, [cutTo(0), lastByteCut, flippedAt(0.2), flippedAt(1), twiceItself]],
    [/^RESTORE\.txt$/, [flippedAt(0.6)]],
    [/^SHA256SUMS$/, [flippedAt(0.6)]],
  ] as const)('every damage of %s', async (file, damages) => {
    for (const how of damages) await repository.expectRefused(file, how, ['verify', repository.id]);
  });
});

describe('a damaged', () => {
  test.each([...artifacts, /^manifest\.json$/])(
    '%s is listed as damaged from then on, and latest is another backup',
    async (file) => {
      await repository.expectMarked(file, flippedAt(0.7), ['verify', repository.id]);
    },
  );

  test('image is marked by a drill and by a restore that meet it', async () => {
    await repository.expectMarked(/\.db\.zst$/, flippedAt(0.7), ['drill', repository.id]);
    await repository.expectMarked(/\.db\.zst$/, flippedAt(0.7), ['restore', repository.id, '--yes']);
  });

  test.each([...artifacts, /^manifest\.json$/])('%s is neither drilled nor restored', async (file) => {
    const before = await readFile(path);
    const names = await databaseFiles();
    for (const how of [cutTo(0.5), flippedAt(0.6), twiceItself]) {
      for (const verb of [['drill'], ['restore', '--yes']])
        await repository.expectRefused(file, how, [...verb, repository.id]);
    }
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await databaseFiles()).toEqual(names);
  });
});

test('the backup restores once it is whole again', async () => {
  expect(await runHoldfast(['restore', repository.id, '--yes'], options)).toMatchObject({ code: 0 });
  expect(ask(path, `SELECT count(*) FROM sqlite_schema WHERE name = 'made_since'`)).toBe(0);
  expect(ask(path, 'SELECT count(*) FROM account')).toBe(100);
});

/** Everything beside the repository and the state. */
async function databaseFiles(): Promise<readonly string[]> {
  return (await readdir(directory.path)).filter((name) => name.includes('.db') || name.startsWith('.app')).sort();
}
