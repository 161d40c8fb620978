/** What a run leaves behind: journal, recent failures, metrics, log. */

import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliEnvironment, runHoldfast, startHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { makeNotes } from '../harness/notes.ts';
import { makeRecordingProgram } from '../harness/recording-program.ts';
import { startHangingReceiver } from '../harness/receivers.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');
const gone = { DATABASE_URL: 'file:gone.db' };
let directory: TestDirectory;

beforeEach(async () => {
  directory = await makeTestDirectory('record');
  makeNotes(directory.path);
});

afterEach(async () => {
  await directory[Symbol.asyncDispose]();
});

function options(env: Readonly<Record<string, string>> = {}): CliOptions {
  return { cwd: directory.path, env: { DATABASE_URL: 'file:notes.db', ...env } };
}

async function holdfast(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runHoldfast(args, options(env));
}

async function read(name: string): Promise<string> {
  return readFile(join(directory.path, name), 'utf8');
}

async function journal(): Promise<readonly Record<string, unknown>[]> {
  const text = await read('.holdfast-state/runs/journal.jsonl');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('the journal has a line when a run begins and one when it ends, with all that is known', async () => {
  const backup = await holdfast(['backup', '--json']);
  expect(backup.code).toBe(0);
  const [start, end, ...others] = await journal();
  expect(others).toEqual([]);
  expect(start).toMatchObject({ event: 'start', verb: 'backup', database: 'notes' });
  const { id, plainBytes, storedBytes } = backup.json().at(-1) ?? {};
  expect(end).toMatchObject({
    event: 'end',
    id: start?.['id'],
    outcome: 'done',
    exit: 0,
    error: null,
    findings: [
      { severity: 'note', code: 'sqlite-not-wal' },
      { severity: 'note', code: 'nothing-expires' },
    ],
    backup: id,
    state: 'stored',
    ...{ plainBytes, storedBytes },
    repository: join(directory.path, 'backups'),
  });
});

test('a verified, a proven, a failed and a declined run are told apart', async () => {
  await holdfast(['backup']);
  await holdfast(['verify']);
  await holdfast(['drill']);
  await holdfast(['drill', '--keep']);
  await holdfast(['backup', '--label', 'x'], gone);
  const ends = (await journal()).filter(({ event }) => event === 'end');
  expect(ends.map(({ verb, outcome, state }) => [verb, outcome, state])).toEqual([
    ['backup', 'done', 'stored'],
    ['verify', 'done', 'verified'],
    ['drill', 'done', 'proven'],
    ['drill', 'refused', null],
    ['backup', 'failed', null],
  ]);
  expect(ends[2]?.['backup']).toMatch(/-image-/);
  expect(ends[4]?.['error']).toMatchObject({ code: expect.any(String) as string, hint: expect.any(String) as string });
});

test('a journal that cannot be written is a warning', async () => {
  await mkdir(join(directory.path, '.holdfast-state'));
  await writeFile(join(directory.path, '.holdfast-state/runs'), 'in the way');
  const result = await holdfast(['backup']);
  expect(result.code).toBe(3);
  expect(result.stderr).toMatch(/\[WARN\] the run journal could not be written: /);
});

test('status shows what failed lately, and what died without a word', async () => {
  await using silent = await startHangingReceiver('accepts and never answers');
  expect((await holdfast(['backup'])).code).toBe(0);
  expect((await holdfast(['status'])).stdout).not.toContain('Recent failures');
  await holdfast(['backup'], gone);
  const run = startHoldfast(
    ['backup'],
    options({ DATABASE_URL: `postgres://me@127.0.0.1:${String(silent.port)}/app` }),
  );
  await run.saw(/repository/);
  run.signal('SIGKILL');
  await run.result;
  const { stdout } = await holdfast(['status'], { DATABASE_URL: '' });
  const [, block = ''] = stdout.split('Recent failures\n');
  expect(block).toMatch(
    /^ {2}backup of app died just now: its process ended without a word\n {2}backup of gone failed just now: \S/,
  );
  const runs = (await holdfast(['status', '--json'], { DATABASE_URL: '' })).json().filter(({ type }) => type === 'run');
  expect(runs.map(({ verb, database, outcome }) => [verb, database, outcome])).toEqual([
    ['backup', 'app', 'died'],
    ['backup', 'gone', 'failed'],
  ]);
});

describe('--metrics-file', () => {
  const file = 'backup_metrics.json';

  test('has the fields of the teams and ours, whole at every moment, readable for others', async () => {
    const args = ['backup', '--metrics-file', file, '--json'];
    const { id } = (await holdfast(args, { BACKUP_RETENTION_DAYS: '30' })).json().at(-1) ?? {};
    const record = JSON.parse(await read(file)) as Record<string, unknown>;
    expect(record).toMatchObject({
      status: 'success',
      files_created: 1,
      retention_days: 30,
      verb: 'backup',
      database: 'notes',
      backup: id,
    });
    expect(record['backup_size_bytes']).toBeGreaterThan(1000);
    expect(record['duration_seconds']).toBeGreaterThan(0);
    expect(record['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect((await stat(join(directory.path, `${file}.prom`))).mode & 0o044).toBe(0o044);
  });

  test('keeps the last success through a failure, and the series of several databases beside each other', async () => {
    expect((await holdfast(['backup', '--metrics-file', file])).code).toBe(0);
    const success = /^holdfast_last_success_timestamp_seconds\{verb="backup",database="notes"\} \d+.*$/m;
    const [line] = success.exec(await read(`${file}.prom`)) ?? [];
    expect(line).toBeDefined();
    await writeFile(join(directory.path, 'notes.db'), 'no database');
    expect((await holdfast(['backup', '--metrics-file', file])).code).not.toBe(0);
    await Promise.all(
      ['one', 'two', 'three'].map((name) =>
        holdfast(['backup', '--metrics-file', file], { DATABASE_URL: `file:${name}.db` }),
      ),
    );
    const text = await read(`${file}.prom`);
    expect(text).toContain(line);
    expect(text).toContain('holdfast_last_run_success{verb="backup",database="notes"} 0\n');
    expect(text.match(/^holdfast_last_run_success\{/gm)).toHaveLength(4);
    expect(JSON.parse(await read(file))).toMatchObject({ status: 'failed', backup_size_bytes: null });
  });

  test('that cannot be written is a warning, and comes from holdfast.yaml too', async () => {
    await writeFile(join(directory.path, 'holdfast.yaml'), 'metricsFile: nowhere/metrics.json\n');
    const result = await holdfast(['backup']);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/\[WARN\] .*nowhere\/metrics\.json could not be written: /);
  });
});

describe('the log', () => {
  test('has time and level in each line, colours in none, and the error of a failed run', async () => {
    expect((await holdfast(['backup', '--log-file', 'run.log'], { FORCE_COLOR: '1' })).code).toBe(0);
    await holdfast(['backup'], { ...gone, LOG_FILE: 'run.log' });
    const lines = (await read('run.log')).trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[(?:INFO|WARN|ERROR)\] \S?/);
    expect(lines.some((line) => / \[INFO\] ✓ backed up notes in /.test(line))).toBe(true);
    expect(lines.at(-1)).toMatch(/ \[ERROR\] [a-z-]+: .+ \(.+\)$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(lines.join('\n')).not.toMatch(/\u001B/);
  });

  test('has only what matters at the level that was asked for', async () => {
    await holdfast(['backup', '--log-file', 'run.log', '--log-level', 'error']);
    expect(await read('run.log')).toBe('');
  });

  test('goes on in a new file when the old one was moved away during the run', async () => {
    await using silent = await startHangingReceiver('accepts and never answers');
    const env = { DATABASE_URL: `postgres://me@127.0.0.1:${String(silent.port)}/app`, LOG_FILE: 'run.log' };
    const run = startHoldfast(['backup'], options(env));
    await run.saw(/repository/);
    await rename(join(directory.path, 'run.log'), join(directory.path, 'run.log.1'));
    run.signal('SIGTERM');
    await run.result;
    expect(await read('run.log.1')).toContain('[INFO] repository');
    expect(await read('run.log')).toContain('[ERROR] interrupted');
  });

  test('that cannot be written is a warning, which people are told of', async () => {
    const result = await holdfast(['backup', '--log-file', 'nowhere/run.log']);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/\[WARN\] the log .*nowhere\/run\.log could not be written/);
    const [end] = (await journal()).filter(({ event }) => event === 'end');
    expect(end?.['findings']).toContainEqual(expect.objectContaining({ code: 'log-not-written' }));
  });

  test('goes to syslog with a priority for each line', async () => {
    const logger = await makeRecordingProgram(directory.path, 'logger');
    const path = `${logger.folder}:${process.env['PATH'] ?? ''}`;
    expect((await holdfast(['backup', '--syslog'], { PATH: path })).code).toBe(0);
    const [tag, name, id, ...others] = await logger.arguments();
    expect([tag, name, ...others]).toEqual(['--tag', 'holdfast', '--prio-prefix', '--socket-errors=on']);
    expect(id).toMatch(/^--id=\d+$/);
    expect(await logger.input()).toMatch(/^<6>✓ backed up notes in /m);
    for (const line of (await logger.input()).trimEnd().split('\n')) expect(line).toMatch(/^<[3467]>/);
  });

  test('a syslog that is not there or fails is a warning', async () => {
    const failing = await makeRecordingProgram(directory.path, 'logger', 'echo no socket >&2; exit 1');
    const path = `${failing.folder}:${process.env['PATH'] ?? ''}`;
    const result = await holdfast(['backup', '--syslog', '--json'], { PATH: path });
    expect(result.code).toBe(3);
    expect(result.json().at(-1)).toMatchObject({ type: 'result', exit: 3 });
    expect(result.stdout).toContain('the log syslog could not be written: logger ended with exit code 1: no socket');
  });
});

test('lines that go to the systemd journal carry their priority', async () => {
  // systemd gives device and inode of the stream; the shell can say them of the pipe that it has.
  const script = 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@" 2>&2';
  const args = ['-c', script, 'sh', process.execPath, program, 'backup'];
  const env = cliEnvironment(options(gone));
  const failed: unknown = await promisify(execFile)('sh', args, { cwd: directory.path, env }).catch(
    (thrown: unknown) => thrown,
  );
  const { stderr, stdout } = failed as { readonly stderr: string; readonly stdout: string };
  expect(stderr).toMatch(/^<3>error: .+\n<3>hint: .+\n$/m);
  expect(stdout).toMatch(/^\[INFO\] repository/m);
});
