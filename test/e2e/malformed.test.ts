/**
 * Inputs that are wrong, of every kind: the program says in one line what is wrong and what to do, quickly, and harms nothing.
 * Here every twenty-seventh of them; all are in the full proof (HOLDFAST_TEST_MALFORMED=all).
 */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressCases } from '../harness/malformed/address-cases.ts';
import { environmentCases } from '../harness/malformed/environment-cases.ts';
import { foreignCases } from '../harness/malformed/foreign-cases.ts';
import { judgeCase } from '../harness/malformed/judge.ts';
import type { MalformedCase } from '../harness/malformed/malformed-case.ts';
import { settingsCases } from '../harness/malformed/settings-cases.ts';
import { storedCases } from '../harness/malformed/stored-cases.ts';
import { makeForeignFiles, makeWholeFolder } from '../harness/malformed/whole-folder.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

// Most of a case is the start of the program, twice.
vi.setConfig({ maxConcurrency: 4, testTimeout: 600_000 });

const all = process.env['HOLDFAST_TEST_MALFORMED'] === 'all';
const whole = { notes: '', files: '' };
let directory: TestDirectory;
let server: TestServer;

beforeAll(async () => {
  directory = await makeTestDirectory('whole');
  server = await startPostgres();
  whole.notes = join(directory.path, 'notes');
  whole.files = join(directory.path, 'files');
  await makeWholeFolder(whole.notes);
  await makeForeignFiles(whole.files, whole.notes, server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const groups: readonly (readonly [name: string, cases: readonly MalformedCase[]])[] = [
  ['settings', settingsCases],
  ['environment', environmentCases],
  ['addresses and words', addressCases],
  ['what is stored', storedCases],
  // Where the files are is known only when they are made.
  ['files of other programs', foreignCases(() => whole.files)],
];

test('there are more than two hundred, and each has a name of its own', () => {
  const titles = groups.flatMap(([, cases]) => cases.map(({ title }) => title));
  expect(titles.length).toBeGreaterThan(200);
  expect(new Set(titles).size).toBe(titles.length);
});

describe.each(groups)('%s', (_, cases) => {
  const chosen = all ? cases : cases.filter((_each, at) => at % 27 === 13);
  test.concurrent.each(chosen.map((each) => [each.title, each] as const))('%s', async (_title, each) => {
    expect(await judgeCase(each, whole.notes)).toEqual([]);
  });
});
