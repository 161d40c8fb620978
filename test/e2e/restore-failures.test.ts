/** Every way a restore can fail: an exit code, one clear line, a hint, and nothing that existed is harmed. */

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliOptions, type CliResult, type CliRun } from '../harness/cli.ts';
import { expectFailure } from '../harness/failure.ts';
import { loadNoise } from '../harness/fill.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { processesWith, waitForNone } from '../harness/processes.ts';
import { makeSharedDirectory, type TestDirectory } from '../harness/temporary.ts';
import { runOnTerminal } from '../harness/terminal.ts';

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;
let marker: string;
const temporary = (): string => join(directory.path, 'tmp');

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '5' } });
  // Throwaway servers of drills lie in the temporary folder, and root's are another user's.
  directory = await makeSharedDirectory('restfail');
  await mkdir(temporary());
  marker = `HOLDFAST_TEST_RUN=${directory.path}`;
  options = optionsFor('app');
  await loadNoise(server, 'app', 64);
  const first = await runHoldfast(['backup'], options);
  expect(first.code, first.stderr).toBe(0);
  await server.psql('CREATE TABLE made_since (x int); INSERT INTO made_since VALUES (1)', 'app');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function optionsFor(database: string, repository = 'backups'): CliOptions {
  const env = {
    ...server.toolEnvironment,
    DATABASE_URL: server.socketUrl(database),
    BACKUP_DIR: join(directory.path, repository),
    TMPDIR: temporary(),
    HOLDFAST_TEST_RUN: directory.path,
  };
  return { cwd: directory.path, env };
}

/** The database is the one it was; nothing is left: no other database, session, process or temporary file. */
async function expectUnharmed(): Promise<void> {
  expect(await server.psql('SELECT x FROM made_since', 'app')).toBe('1');
  expect(await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'app!_%' ESCAPE '!'`)).toBe('');
  expect(await server.psql(`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'`)).toBe('0');
  expect(await processesWith(marker)).toEqual([]);
  expect(await readdir(temporary())).toEqual([]);
}

/** A restore that is loading rows right now. */
async function startRestore(): Promise<CliRun> {
  const run = startHoldfast(['restore', 'latest', '--yes'], options);
  await waitForStatement('app', 'COPY');
  return run;
}

/** Until a copy of the database, made by a restore, runs a statement that begins so. */
async function waitForStatement(database: string, beginning: string): Promise<void> {
  const running = `SELECT count(*) FROM pg_stat_activity
    WHERE datname LIKE '${database}!_restoring!_%' ESCAPE '!' AND query LIKE '${beginning} %' AND state = 'active'`;
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    if ((await server.psql(running)) !== '0') return;
    await sleep(25);
  }
  throw new Error(`the restore never came to ${beginning}`);
}

async function pidsOf(name: string): Promise<readonly number[]> {
  return (await processesWith(marker)).filter((one) => one.name === name).map(({ pid }) => pid);
}

test('an extension is missing on the server', async () => {
  await server.createDatabase('extended');
  await server.psql(`UPDATE pg_extension SET extname = 'not_installed_here'; CREATE TABLE here ()`, 'extended');
  const own = optionsFor('extended', 'extended-backups');
  expect((await runHoldfast(['backup'], own)).code).toBe(3);
  const result = await runHoldfast(['restore', 'latest', '--yes'], own);
  expectFailure(result, { code: 1, says: /extension not_installed_here/ });
  expect(await server.psql(`SELECT to_regclass('here')`, 'extended')).toBe('here');
  expectFailure(await runHoldfast(['drill', 'latest'], own), { code: 1, says: /extension not_installed_here/ });
  await server.psql('DROP DATABASE extended');
  await expectUnharmed();
});

test('a role is missing on the server, and the way out that the hint names is one', async () => {
  await server.psql('CREATE ROLE "gone role"');
  await server.createDatabase('owned');
  await server.psql('CREATE TABLE kept (x int); ALTER TABLE kept OWNER TO "gone role"', 'owned');
  const own = optionsFor('owned', 'owned-backups');
  expect((await runHoldfast(['backup'], own)).code).toBe(3);
  await server.psql(
    'REASSIGN OWNED BY "gone role" TO postgres; DROP ROLE "gone role"; ALTER TABLE kept ADD y int',
    'owned',
  );
  const result = await runHoldfast(['restore', 'latest', '--yes'], own);
  expectFailure(result, { code: 1, says: /role gone role/ });
  expect(result.stderr).toMatch(/hint: .*--no-owner --no-acl/);
  const columns = `SELECT count(*) FROM pg_attribute WHERE attrelid = 'kept'::regclass AND attnum > 0`;
  expect(await server.psql(columns, 'owned')).toBe('2');
  expect((await runHoldfast(['restore', 'latest', '--no-owner', '--no-acl', '--yes'], own)).code).toBe(0);
  expect(await server.psql(columns, 'owned')).toBe('1');
  await expectUnharmed();
});

test('the disk of the server has too little room', async () => {
  const mounts = [{ path: server.dataDirectory, options: 'size=16m,mode=755' }];
  const result = await runHoldfast(['restore', 'latest', '--yes'], { ...options, mounts });
  expectFailure(result, { code: 1, says: /needs .* on the server's disk .* (MB|B) are free/ });
  await expectUnharmed();
});

test('no temporary folder has room: the restore goes without, and the plan says so', async () => {
  const mounts = [temporary(), join(directory.path, '.holdfast-state')].map((path) => ({ path, options: 'size=8m' }));
  const result = await runHoldfast(['restore', 'latest', '--into', 'unspooled'], { ...options, mounts });
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.stderr).toContain('the restore runs with one job');
  expect(result.stdout).toContain('into it with 1 job,');
  expect(await server.psql('SELECT count(*) FROM small', 'unspooled')).toBe('1000');
  await server.psql('DROP DATABASE unspooled');
  await expectUnharmed();
});

test('no folder has room for a throwaway server', async () => {
  const mounts = [temporary(), '/var/tmp'].map((path) => ({ path, options: 'size=8m' }));
  const result = await runHoldfast(['drill', 'latest'], { ...options, mounts });
  expectFailure(result, { code: 1, says: /throwaway server .* needs .* more than is free/ });
  await expectUnharmed();
});

test('a temporary folder that is closed to others does not stop a drill, whose server may run as another user', async () => {
  const closed = join(temporary(), 'closed');
  await mkdir(closed, { mode: 0o700 });
  const own = optionsFor('owned', 'owned-backups');
  const result = await runHoldfast(['drill', 'latest'], { ...own, env: { ...own.env, TMPDIR: closed } });
  expect(result.code, result.stderr).toBe(0);
  expect(await readdir(closed)).toEqual([]);
  await rm(closed, { recursive: true });
});

test('a prepared transaction holds the database', async () => {
  await server.psql(`BEGIN; INSERT INTO small (name) VALUES ('held'); PREPARE TRANSACTION 'held'`, 'app');
  const result = await runHoldfast(['restore', 'latest', '--yes'], options);
  await server.psql(`ROLLBACK PREPARED 'held'`, 'app');
  expectFailure(result, { code: 1, says: /app has 1 prepared transaction/ });
  expect(result.stderr).toMatch(/hint: .*ROLLBACK PREPARED/);
  await expectUnharmed();
});

test('pg_restore is killed in the middle', async () => {
  await server.createDatabase('slow');
  await server.psql(
    `CREATE FUNCTION slowly(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN i; END';
     CREATE TABLE t AS SELECT i FROM generate_series(1, 100) i; CREATE INDEX ON t (public.slowly(i))`,
    'slow',
  );
  const own = optionsFor('slow', 'slow-backups');
  expect((await runHoldfast(['backup'], own)).code).toBe(3);
  const run = startHoldfast(['restore', 'latest', '--yes'], own);
  await waitForStatement('slow', 'CREATE INDEX');
  const [first] = await pidsOf('pg_restore');
  if (first === undefined) throw new Error('no pg_restore runs');
  process.kill(first, 'SIGKILL');
  expectFailure(await run.result, { code: 1, says: /pg_restore.*(SIGKILL|worker|killed|signal)/ });
  await waitForNone(marker, 2000);
  expect(await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'slow%'`)).toBe('slow');
  await server.psql('DROP DATABASE slow');
  await expectUnharmed();
});

test('a session that loads rows is ended in the middle', async () => {
  const run = startHoldfast(['restore', 'latest', '--yes'], options);
  // In one statement: a few megabytes are loaded before another psql has started.
  await server.psql(
    `DO $$ BEGIN
       FOR attempt IN 1..6000 LOOP
         PERFORM pg_stat_clear_snapshot();
         PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname LIKE 'app!_restoring!_%' ESCAPE '!' AND query LIKE 'COPY %noise%' AND state = 'active';
         IF FOUND THEN RETURN; END IF;
         PERFORM pg_sleep(0.005);
       END LOOP;
       RAISE 'no session ever loaded a row';
     END $$`,
  );
  expectFailure(await run.result, { code: 16, says: /connection .* was lost/ });
  await waitForNone(marker, 2000);
  await expectUnharmed();
});

test('Ctrl-C in the middle ends with 130 and leaves nothing', async () => {
  const run = await startRestore();
  run.signal('SIGINT');
  expectFailure(await run.result, { code: 130, says: /stopped by SIGINT/ });
  await expectUnharmed();
});

test('Ctrl-C in the middle of a drill ends with 130 and leaves nothing', async () => {
  const run = startHoldfast(['drill', 'latest'], options);
  await run.saw(/loading with/);
  run.signal('SIGINT');
  expectFailure(await run.result, { code: 130, says: /stopped by SIGINT/ });
  await expectUnharmed();
});

test('the server is killed in the middle: the next run names what it could not remove', async () => {
  const run = await startRestore();
  await server.kill9();
  const result = await run.result;
  await server.start();
  expectFailure(result, { code: 16, says: /server|connection/ });
  expect(await server.psql('SELECT x FROM made_since', 'app')).toBe('1');
  const left = await server.psql(`SELECT datname FROM pg_database WHERE datname LIKE 'app!_restoring!_%' ESCAPE '!'`);
  expect(left).toMatch(/^app_restoring_\w+$/);
  const next = await runHoldfast(['doctor'], options);
  expect(next.stderr).toContain(left);
  const statement = /hint: .*?(DROP DATABASE .*?;)/.exec(next.stderr)?.[1] ?? '';
  await server.psql(statement);
  await expectUnharmed();
});

test('without a terminal nothing is replaced unless --yes is given', async () => {
  expectFailure(await runHoldfast(['restore', 'latest'], options), { code: 2, says: /must be confirmed/ });
  expectFailure(await runHoldfast(['restore', 'latest'], { ...options, stdin: 'app\n' }), {
    code: 2,
    says: /must be confirmed/,
  });
  await expectUnharmed();
});

test('a name that the database does not have is no confirmation, and neither is Ctrl-C', async () => {
  const typed = async (text: string): Promise<CliResult> =>
    runOnTerminal(['restore', 'latest'], options, { question: /Type app to go on/, answer: text });
  const wrong = await typed('App\r');
  expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringMatching(/error:.* not confirmed, nothing was changed/)]);
  const left = await typed('\u0003');
  expect([left.code, left.stdout]).toEqual([130, expect.stringMatching(/nothing was changed/)]);
  await expectUnharmed();
});

test('a taken name is not restored into', async () => {
  expectFailure(await runHoldfast(['restore', 'latest', '--into', 'app'], options), {
    code: 1,
    says: /named app already/,
  });
  await expectUnharmed();
});

test('the right name typed on the terminal restores', async () => {
  const result = await runOnTerminal(['restore', 'latest'], options, {
    question: /Type app to go on/,
    answer: 'app\r',
  });
  expect([result.code, result.stdout]).toEqual([0, expect.stringMatching(/app is back/)]);
  expect(await server.psql(`SELECT to_regclass('made_since'), count(*) FROM small`, 'app')).toBe('|1000');
});
