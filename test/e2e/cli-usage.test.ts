/** The command line itself: help, mistakes, pipes and questions. No server is needed. */

import { execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';
import { cliEnvironment, runHoldfast, type CliOptions } from '../harness/cli.ts';
import { makeNotes } from '../harness/notes.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const run = promisify(execFile);
const program = resolve(import.meta.dirname, '../../src/cli/main.ts');
let directory: TestDirectory;
let options: CliOptions;

beforeAll(async () => {
  directory = await makeTestDirectory('usage');
  options = { cwd: directory.path, env: { DATABASE_URL: 'file:notes.db' } };
  makeNotes(directory.path);
  for (let count = 0; count < 2; count += 1) expect((await runHoldfast(['backup'], options)).code).toBe(0);
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

test('--version is one line', async () => {
  expect((await runHoldfast(['--version'], options)).stdout).toMatch(/^holdfast \d+\.\d+\.\d+\n$/);
});

test('--help names every verb, and each verb has examples and exit codes', async () => {
  const overview = await runHoldfast(['--help'], options);
  expect(overview.code).toBe(0);
  for (const { name, summary } of verbs) {
    expect(overview.stdout).toContain(`  ${name} `);
    const help = await runHoldfast([name, '--help'], options);
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(/^Examples:\n {2}\S/m);
    expect(help.stdout).toMatch(/^Exit codes:\n {2}0 +done/m);
    expect(summary).not.toBe('');
  }
});

describe('a mistake ends with 2, one line and a hint', () => {
  test.each([
    [['bakup'], /there is no verb "bakup"\nhint: Did you mean holdfast backup\?/],
    [['backup', '--labl', 'x'], /unknown option '--labl'.*\nhint: Did you mean --label\?/],
    [['backup', '--format', 'tar'], /It must be custom, sql\.zst or sql\.gz/],
    [['backup', '--schema-only', '--data-only'], /exclude each other/],
    [['backup', 'other'], /no database is called "other"\nhint: Known: notes/],
    [['backup', 'notes', 'latest', 'more'], /"more" is one word too many/],
    [['restore', 'latest', '--to-file', 'x.sql'], /--to-file needs --table/],
    [['restore', '--undo', '--drop-replaced'], /exclude each other/],
    [['drill', '--keep'], /--keep needs --to/],
    [['drill', '--to', 'file:x.db'], /--to needs --keep/],
    [['restore', 'latest', '--into', '', '--yes'], /option '--into <NAME>' is empty/],
    [['restore', 'latest', '--table', ''], /option '--table <NAME>' is empty/],
    [['backup', '--repository='], /option '--repository <DIR>' is empty/],
    [['extract'], /which backup is to be extracted\?/],
    [['list', '--config', 'none.yaml'], /there is no file .*none\.yaml/],
  ])('%j', async (args, says) => {
    const result = await runHoldfast(args, options);
    expect(result.code, result.stdout + result.stderr).toBe(2);
    expect(result.stderr).toMatch(says);
    expect(result.stderr).toMatch(/^error: .*\nhint: .*\n$/);
    const json = await runHoldfast(['--json', ...args], options);
    expect(json.code).toBe(2);
    expect(json.stderr).toBe('');
    expect(json.json().at(-1)).toMatchObject({ type: 'error', exit: 2 });
  });
});

test('a restore that names no backup lists the newest and ends with 2 where nobody can be asked', async () => {
  const result = await runHoldfast(['restore', '--dry-run'], options);
  expect(result.code).toBe(2);
  expect(result.stdout.match(/-image-/g)).toHaveLength(2);
  expect(result.stderr).toMatch(/^error: no backup was named\n/m);
});

test('a restore needs --yes where nobody can be asked', async () => {
  const result = await runHoldfast(['restore', 'latest'], options);
  expect(result.code).toBe(2);
  expect(result.stdout).toMatch(/^Plan: /m);
  expect(result.stderr).toMatch(/^error: .* must be confirmed, and there is no terminal to ask on$/m);
});

test('other errors have their codes: no repository 10, no such backup 13', async () => {
  expect((await runHoldfast(['list', '--repository', 'nowhere'], options)).code).toBe(10);
  expect((await runHoldfast(['show', '20010101'], options)).code).toBe(13);
});

test('a reader that has seen enough is no error worth a word', async () => {
  const line = `"${process.execPath}" "${program}" extract latest - --format sql | head -c 100 >/dev/null; echo "$?"`;
  const { stdout, stderr } = await run('bash', ['-c', line], { cwd: options.cwd, env: cliEnvironment(options) });
  expect(stdout).toBe('0\n');
  expect(stderr).not.toMatch(/error|EPIPE/);
});

describe('on a terminal', () => {
  /** `script` gives the program a terminal; the answer is typed once the question stands there, on one line. */
  async function answer(text: string): Promise<string> {
    const command = `stty cols 300; '${process.execPath}' '${program}' restore latest; echo exit $?`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: options.cwd,
      env: cliEnvironment(options),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    let isAsked = false;
    for await (const part of child.stdout.setEncoding('utf8')) {
      shown += String(part);
      if (isAsked || !/Type notes\.db to go/.test(shown)) continue;
      isAsked = true;
      child.stdin.write(`${text}\r`);
    }
    return shown;
  }

  test('the name of the database is asked for, and anything else is declined', async () => {
    const declined = await answer('yes');
    expect(declined).toMatch(/not confirmed, nothing was changed/);
    expect(declined).toContain('exit 1');
  });

  test('the right name goes on', async () => {
    const confirmed = await answer('notes.db');
    expect(confirmed).toMatch(/is back/);
    expect(confirmed).toContain('exit 0');
  });
});
