/** Databases that answer only inside a container, all the way round, by the names and words people have. */

import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { perlRelay } from '../../src/engine/postgres/via/relay-scripts.ts';
import { surveyScript } from '../../src/engine/postgres/via/survey-script.ts';
import { runHoldfast, startHoldfast, type CliOptions, type CliResult } from '../harness/cli.ts';
import { containerName, startContainer, type Container } from '../harness/container.ts';
import { bytesBelow, waitForBytes } from '../harness/fill.ts';
import { makeSharedDirectory, type TestDirectory } from '../harness/temporary.ts';

const password = `p@:/?#%'" $w\\é `;
const shell = ['sh', 'cat', 'readlink'];
const names = { DB_CONTAINER: containerName, DB_NAME: 'chaindb', DB_USER: 'chain', DB_PASSWORD: password };
let container: Container;
let directory: TestDirectory;

beforeAll(async () => {
  container = await startContainer();
  await container.psql(
    `CREATE ROLE chain LOGIN CREATEDB PASSWORD '${password.replaceAll("'", "''")}'; CREATE DATABASE chaindb OWNER chain; CREATE DATABASE noise OWNER chain`,
  );
  const fill = (rows: number): string =>
    `SET ROLE chain;
     CREATE TABLE tickets (id int PRIMARY KEY, body text);
     ALTER TABLE tickets ALTER COLUMN body SET STORAGE EXTERNAL;
     INSERT INTO tickets SELECT n, string_agg(md5(random()::text), '') FROM generate_series(1, ${String(rows)}) n, generate_series(1, 256) k GROUP BY n;
     CREATE TABLE agents (id serial PRIMARY KEY, name text); INSERT INTO agents (name) SELECT 'agent ' || n FROM generate_series(1, 100) n`;
  await container.psql(fill(800), 'chaindb');
  await container.psql(fill(4000), 'noise');
});

afterAll(async () => {
  await container[Symbol.asyncDispose]();
});

beforeEach(async () => {
  directory = await makeSharedDirectory('via');
  await mkdir(join(directory.path, 'tmp'));
  await chmod(join(directory.path, 'tmp'), 0o1777);
});

afterEach(async () => {
  await container.provide(null);
  await directory[Symbol.asyncDispose]();
});

/** Where this machine has no client tools of its own. */
function withoutTools(): Pick<CliOptions, 'mounts'> {
  return { mounts: [{ path: resolve(container.binDirectory, '../..'), options: 'size=1m' }] };
}

function optionsOf(env: Readonly<Record<string, string>> = {}, more: Pick<CliOptions, 'mounts'> = {}): CliOptions {
  const tools = more.mounts === undefined ? {} : { HOLDFAST_PG_BIN: '' };
  // Temporary files of its own, so that what stays behind is seen.
  const own = { ...container.environment, TMPDIR: join(directory.path, 'tmp') };
  return { cwd: directory.path, env: { ...own, ...names, ...env, ...tools }, ...more };
}

/** Ends with 0, and leaves neither a password in its words nor anything inside or here. */
async function expectDone(args: readonly string[], options = optionsOf()): Promise<CliResult> {
  const result = await runHoldfast(args, options);
  const said = result.stdout + result.stderr;
  expect(result.code, said).toBe(0);
  expect(said).not.toContain(password.trim());
  await expectNothingLeft();
  return result;
}

async function expectNothingLeft(): Promise<void> {
  expect(await container.emptied()).toEqual([]);
  expect(await readdir(join(directory.path, 'tmp'))).toEqual([]);
}

async function expectFailure(
  args: readonly string[],
  code: string,
  says: RegExp,
  options = optionsOf(),
): Promise<void> {
  const result = await runHoldfast([...args, '--json'], options);
  const last = result.json().at(-1) ?? {};
  expect(last, result.stdout).toMatchObject({ type: 'error', code });
  expect(`${String(last['message'])}\n${String(last['hint'])}`).toMatch(says);
  expect(result.stdout).not.toContain(password.trim());
  await expectNothingLeft();
}

const countTickets = (): Promise<string> => container.psql('SELECT count(*) FROM tickets', 'chaindb');

test('DB_CONTAINER, DB_NAME and DB_USER are enough for backup, drill, restore and undo', async () => {
  const backup = await expectDone(['backup']);
  const label = `docker exec ${containerName}: postgres://chain@/chaindb`;
  expect(backup.stdout).toContain(`${label}  (DB_NAME in the environment)`);
  const shown = await expectDone(['show', 'latest', '--json']);
  const origin = { address: `docker exec ${containerName}: localhost:5432`, databaseName: 'chaindb' };
  expect(shown.json().at(-1)).toMatchObject({ database: 'chaindb', origin });
  expect((await expectDone(['drill'])).stdout).toContain('✓ proven: chaindb');
  await container.psql('DELETE FROM tickets', 'chaindb');
  await expectDone(['restore', 'latest', '--yes']);
  expect(await countTickets()).toBe('800');
  await expectDone(['restore', '--undo', '--yes']);
  expect(await countTickets()).toBe('0');
  await expectDone(['restore', '--undo', '--yes']);
  await expectDone(['restore', '--drop-replaced', '--yes']);
  expect(await countTickets()).toBe('800');
});

test.each(['socat', 'bash', 'perl', 'python3', 'nc'])('%s alone carries a backup', async (program) => {
  await container.provide([...shell, program]);
  const doctor = await expectDone(['doctor', '--json']);
  const place = ['bash', 'nc'].includes(program) ? '127.0.0.1' : '/var/run/postgresql';
  expect(doctor.json().at(-1)).toMatchObject({
    facts: { 'reached through': `docker exec -i ${containerName}: ${program} there connects to ${place}, port 5432` },
  });
  expect((await expectDone(['backup'])).stdout).toContain('whole, 2 tables, 900 rows');
});

test('docker is called with exactly these words, and never with a password', async () => {
  await container.provide([...shell, 'perl']);
  await container.calls();
  await expectDone(['doctor']);
  const [first, ...others] = await container.calls();
  const before = ['docker', 'exec', '-i', containerName];
  expect(first).toEqual([...before, 'sh', '-c', surveyScript, 'sh', '5432']);
  expect(others.length).toBeGreaterThan(0);
  for (const call of others) expect(call).toEqual([...before, 'perl', '-e', perlRelay, '/var/run/postgresql', '5432']);
});

test('a drill on the server inside leaves no database there', async () => {
  await writeFile(
    join(directory.path, 'holdfast.yaml'),
    `drill: {on: {urlEnv: HERE, via: [docker, exec, -i, ${containerName}]}}\n`,
  );
  const options = optionsOf({ HERE: `postgres://chain:${encodeURIComponent(password)}@/postgres` });
  await expectDone(['backup'], options);
  const drill = await expectDone(['drill', '--verbose'], options);
  expect(drill.stdout).toMatch(/restored into scratch database holdfast_drill_\w+ on docker exec chain-postgres/);
  expect(await container.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'holdfast%'`)).toBe('0');
});

describe('without client tools on this machine', () => {
  test('those inside make the backup and the restore, with one job, and get the password by their input', async () => {
    const options = optionsOf({}, withoutTools());
    await container.calls();
    const backup = await expectDone(['backup', '--format', 'custom,sql.gz'], options);
    expect(backup.stdout).toContain('whole, 2 tables, 900 rows');
    const doctor = await expectDone(['doctor'], options);
    expect(doctor.stdout).toMatch(/client tools +docker exec chain-postgres: pg_dump \d+\.\d+ in \//);
    const plan = await expectDone(['restore', 'latest', '--dry-run'], options);
    expect(plan.stdout).toContain('into it with 1 job');
    expect(plan.stdout + plan.stderr).toContain('those of docker exec chain-postgres restore, with one job');
    await container.psql('DELETE FROM tickets', 'chaindb');
    await expectDone(['restore', 'latest', '--yes'], options);
    expect(await countTickets()).toBe('800');
    await expectDone(['restore', '--drop-replaced', '--yes'], options);
    const calls = await container.calls();
    expect(calls.flat().filter((word) => word.includes(password.trim()))).toEqual([]);
    expect(calls.some((call) => call.includes(`${container.binDirectory}/pg_restore`))).toBe(true);
  });

  test('a backup that is SQL only goes back through psql inside', async () => {
    const options = optionsOf({}, withoutTools());
    await expectDone(['backup', '--format', 'sql'], options);
    await expectDone(['restore', 'latest', '--into', 'chain_again', '--yes'], options);
    expect(await container.psql('SELECT count(*) FROM tickets', 'chain_again')).toBe('800');
    await container.psql('DROP DATABASE chain_again');
  });

  test('a drill says what would help', async () => {
    const options = optionsOf({}, withoutTools());
    await expectDone(['backup'], options);
    await expectFailure(['drill'], 'server-binaries-missing', /drill --on URL/, options);
  });
});

describe.each([
  ['tools of this machine', () => ({})],
  ['tools inside', withoutTools],
] as const)('in the middle of a backup, with %s,', (_what, more) => {
  test.each([
    ['the container is killed', () => container.kill(), 16, /was lost|was ended|server closed/],
    ['Ctrl-C is pressed', null, 130, /stopped by SIGINT/],
  ] as const)('%s: nothing is listed and nothing is left', async (_event, act, code, says) => {
    const options = optionsOf({ DB_NAME: 'noise' }, more());
    const repository = join(directory.path, 'backups');
    const run = startHoldfast(['backup'], options);
    await waitForBytes(repository, (await bytesBelow(repository)) + (1 << 20));
    if (act === null) run.signal('SIGINT');
    else await act();
    const result = await run.result;
    expect(result.code, result.stderr).toBe(code);
    expect(result.stderr).toMatch(says);
    if (act !== null) await container.start();
    const list = await runHoldfast(['list', '--json'], options);
    expect(list.json().at(-1)).toMatchObject({ count: 0, total: 0 });
    expect(await bytesBelow(join(repository, 'noise'))).toBe(0);
    await expectNothingLeft();
  });

  test('a kill -9 leaves no program and no session inside, and the next run removes the socket', async () => {
    const options = optionsOf({ DB_NAME: 'noise' }, more());
    const repository = join(directory.path, 'backups');
    const run = startHoldfast(['backup'], options);
    await waitForBytes(repository, (await bytesBelow(repository)) + (1 << 20));
    run.signal('SIGKILL');
    await run.result;
    expect(await container.emptied()).toEqual([]);
    const sessions = `SELECT count(*) FROM pg_stat_activity WHERE usename = 'chain'`;
    await expect.poll(() => container.psql(sessions), { timeout: 10_000 }).toBe('0');
    await expectDone(['doctor'], options);
  });
});

describe('other ways to say it', () => {
  const url = `postgres://chain:${encodeURIComponent(password)}@localhost/chaindb`;
  const bare = { DB_CONTAINER: '', DB_NAME: '', DB_USER: '', DB_PASSWORD: '' };

  test('holdfast.yaml names docker compose for one database and kubectl for another', async () => {
    const via = (words: string): string => `{urlEnv: APP, via: ${words}}`;
    await writeFile(
      join(directory.path, 'holdfast.yaml'),
      `databases:\n  tickets: ${via(`docker compose exec -T ${containerName}`)}\n  again: ${via(`[kubectl, exec, -i, ${containerName}, --]`)}\n`,
    );
    for (const name of ['tickets', 'again']) await expectDone(['backup', name], optionsOf({ ...bare, APP: url }));
    await container.psql('DELETE FROM tickets', 'chaindb');
    await expectDone(['restore', 'again', 'latest', '--yes'], optionsOf({ ...bare, APP: url }));
    expect(await countTickets()).toBe('800');
    await expectDone(['restore', 'tickets', '--drop-replaced', '--yes'], optionsOf({ ...bare, APP: url }));
  });

  test('--via takes a command as a shell would', async () => {
    const via = `docker exec -i '${containerName}'`;
    const backup = await expectDone(['--via', via, 'backup'], optionsOf({ ...bare, DATABASE_URL: url }));
    expect(backup.stdout).toContain(`docker exec ${containerName}: postgres://chain@localhost:5432/chaindb`);
  });

  test('what cannot work is refused with what to do', async () => {
    const refused = (via: string, code: string, says: RegExp, env = {}): Promise<void> =>
      expectFailure(['backup', '--via', via], code, says, optionsOf({ ...bare, DATABASE_URL: url, ...env }));
    await refused('no-such-program exec -i x', 'via-missing', /cannot start no-such-program/);
    await refused('docker exec -i other', 'via-failed', /No such container: other[^]*docker ps/);
    await refused(`docker exec ${containerName}`, 'via-without-input', /does not arrive there[^]*Add -i/);
    await refused(`docker exec -it ${containerName}`, 'via-without-input', /Leave out -t/);
    await refused(`kubectl exec -i ${containerName}`, 'settings-invalid', /must end in --/);
    await refused('sshpass -psecret ssh host', 'settings-invalid', /sshpass -e/);
    const good = `docker exec -i ${containerName}`;
    await refused(good, 'sqlite-elsewhere', /Run Holdfast where the file is/, { DATABASE_URL: 'file:./dev.db' });
    await refused(good, 'database-missing', /no database named nothing/, {
      DATABASE_URL: url.replace('chaindb', 'nothing'),
    });
    await refused(good, 'server-unreachable', /localhost:6000[^]*refused/, {
      DATABASE_URL: url.replace('host/', 'host:6000/'),
    });
    await refused(good, 'invalid-target', /sslmode require cannot be kept/, { DATABASE_URL: `${url}?sslmode=require` });
    await container.provide(['cat']);
    await refused(good, 'via-without-shell', /has \/bin\/sh|Publish the port/);
    await container.provide(shell);
    await refused(good, 'via-without-relay', /neither socat, bash, perl, python3, nc[^]*Install one of/);
  });

  test('a container that is not running is named', async () => {
    await container.kill();
    try {
      await expectFailure(['backup'], 'via-failed', /is not running[^]*Start the container/);
    } finally {
      await container.start();
    }
  });
});
