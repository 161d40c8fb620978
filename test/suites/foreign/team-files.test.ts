/** The folders of the teams, as their scripts left them: listed, with checksums, and left alone. */

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, startHoldfast, type CliOptions, type CliResult } from '../../harness/cli.ts';
import { shell } from '../../harness/foreign-files.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';

let server: TestServer;
let directory: TestDirectory;
let folder: string;
let options: CliOptions;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('foreign-teams');
  folder = join(directory.path, 'backups');
  mkdirSync(folder);
  await server.createDatabase('app');
  await server.psql(
    `CREATE ROLE app_user; CREATE TABLE orders (id int PRIMARY KEY, note text);
     ALTER TABLE orders OWNER TO app_user; GRANT SELECT ON orders TO app_user;
     INSERT INTO orders SELECT i, md5(i::text) FROM generate_series(1, 500) AS i`,
    'app',
  );
  options = {
    cwd: directory.path,
    env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app'), TZ: 'UTC' },
  };
  for (const line of scripts) await shell(line, folder, server);
  // A warning: the database is small.
  expect((await runHoldfast(['backup'], options)).code).toBe(3);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const scripts = [
  // G: three formats in folders by date.
  `mkdir -p 2026/11/20; pg_dump > 2026/11/20/globalrx_backup_20261120_020000.sql;
   pg_dump | gzip > 2026/11/20/globalrx_backup_20261120_020000_compressed.sql.gz;
   pg_dump -Fc > 2026/11/20/globalrx_backup_20261120_020000_custom.dump;
   echo '{}' > backup_metrics_20261120_020000.json`,
  // J: parts beside the whole.
  `pg_dump --no-owner --no-acl | gzip > joffre_backup_20261119_030000.sql.gz;
   pg_dump --schema-only | gzip > schema_20261119_030000.sql.gz;
   pg_dump --data-only | gzip > data_20261119_030000.sql.gz`,
  // N: the sum is that of the file before gzip, under a path that is gone.
  `mkdir -p daily; cd daily; f=nutrivault_backup_20261118_010000.dump; pg_dump -Fc > $f;
   sha256sum $PWD/$f | sed 's,  .*/,  /var/backups/nutrivault/daily/,' > $f.sha256; gzip $f;
   cd ..; mkdir manual; pg_dump -Fc > manual/pre_deploy_20261117_120000.dump`,
  // T
  `pg_dump -Fc > chaindb_20261116_000000.dump; pg_dump -Fc | gzip > chaindb_20261115_000000.dump.gz;
   mkdir wal_archive; head -c 1000 /dev/urandom > wal_archive/0000000100000000000000A1`,
  // M
  `f=backup_postgres_2026-11-14T02-00-00.sql.gz; pg_dump | gzip > $f; sha256sum $f > $f.sha256;
   sqlite3 dev.db 'CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1), (2)';
   f=backup_sqlite_2026-11-13T02-00-00.db.gz; gzip < dev.db > $f; sha256sum $f | cut -d' ' -f1 > $f.sha256`,
  // And what else lies about.
  `pg_dumpall > all_20261112.sql; pg_dump -Fd -f directory_20261111; tar -cf dir_20261110.tar directory_20261111;
   age-like() { printf 'age-encryption.org/v1\\n-> X25519 x\\n'; }; age-like > app_20261109.dump.age;
   printf '\\x85\\x01\\x0c\\x03rest' > app_20261108.sql.gpg; pg_dump | bzip2 > app_20261107.sql.bz2;
   : > empty_20261106.sql.gz; echo hello > notes.txt; echo 'no dump' > app_20261105.sql;
   head -c 400 chaindb_20261116_000000.dump | gzip | head -c 60 > cut_20261104.dump.gz;
   pg_dump > wrong_20261103.sql; echo "$(printf 'ab%.0s' {1..32})  wrong_20261103.sql" > wrong_20261103.sql.sha256`,
];

function everything(): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && !/holdfast|app.backups|README/.test(join(entry.parentPath, entry.name).slice(folder.length)),
    )
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${String(statSync(path).mtimeMs)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    });
}

async function holdfast(...args: readonly string[]): Promise<CliResult> {
  return runHoldfast(args, options);
}

test('list --foreign names each with what it is, its time and its checksum', async () => {
  const result = await holdfast('list', '--foreign', '--json');
  expect(result.code, result.stdout).toBe(3);
  const files = new Map(
    result
      .json()
      .filter(({ type }) => type === 'foreign')
      .map((file) => [file['path'], file]),
  );
  const date = '2026/11/20/globalrx_backup_20261120_020000';
  const whole = { state: 'readable', engine: 'postgres' };
  const expected: Readonly<Record<string, unknown>> = {
    [`${date}.sql`]: { ...whole, form: 'sql', layers: [], time: '2026-11-20T02:00:00.000Z', timeFrom: 'name' },
    [`${date}_compressed.sql.gz`]: { ...whole, form: 'sql', layers: ['gzip'] },
    [`${date}_custom.dump`]: { ...whole, form: 'custom', databaseName: 'app' },
    'joffre_backup_20261119_030000.sql.gz': { ...whole, checksum: { state: 'none' } },
    'schema_20261119_030000.sql.gz': whole,
    'data_20261119_030000.sql.gz': whole,
    'daily/nutrivault_backup_20261118_010000.dump.gz': {
      ...whole,
      checksum: { state: 'holds', compared: 'content', beside: 'nutrivault_backup_20261118_010000.dump.sha256' },
    },
    'manual/pre_deploy_20261117_120000.dump': { ...whole, time: '2026-11-17T12:00:00.000Z' },
    'chaindb_20261116_000000.dump': whole,
    'chaindb_20261115_000000.dump.gz': { ...whole, layers: ['gzip'] },
    'backup_postgres_2026-11-14T02-00-00.sql.gz': { ...whole, checksum: { state: 'holds', compared: 'file' } },
    'backup_sqlite_2026-11-13T02-00-00.db.gz': {
      state: 'readable',
      engine: 'sqlite',
      form: 'sqlite',
      checksum: { state: 'holds', compared: 'file' },
    },
    'dev.db': { state: 'readable', form: 'sqlite', timeFrom: 'modification' },
    'all_20261112.sql': { state: 'not-restorable', form: 'cluster' },
    'directory_20261111/toc.dat': { state: 'not-restorable', form: 'directory-toc' },
    'app_20261109.dump.age': {
      state: 'sealed',
      hint: expect.stringMatching(/^age .* \| holdfast restore --file -$/) as string,
    },
    'app_20261108.sql.gpg': { state: 'sealed', hint: 'gpg --decrypt app_20261108.sql.gpg | holdfast restore --file -' },
    'app_20261107.sql.bz2': { state: 'sealed', what: 'compressed with bzip2' },
    'empty_20261106.sql.gz': { state: 'unknown', what: 'nothing: 0 bytes' },
    'app_20261105.sql': { state: 'unknown' },
    'cut_20261104.dump.gz': { state: 'damaged' },
    'wrong_20261103.sql': { ...whole, checksum: { state: 'differs' } },
  };
  for (const [path, facts] of Object.entries(expected)) expect(files.get(path), path).toMatchObject(facts as object);
  // A packed folder of pg_dump -Fd is named as something that is not known.
  expect([...files.keys()].filter((path) => !(String(path) in expected))).toEqual(['dir_20261110.tar']);
});

test('for people it is a table, newest first, with the pipes to type', async () => {
  const { stdout } = await holdfast('list', '--foreign', '--no-checksums');
  expect(stdout).toMatch(/^FILE +TIME +AGE +SIZE +WHAT +CHECKSUM$/m);
  expect(stdout).toMatch(/pg_dump custom archive of PostgreSQL \d+\.\d+ in gzip/);
  expect(stdout).toMatch(
    /^app_20261108\.sql\.gpg: gpg --decrypt app_20261108\.sql\.gpg \| holdfast restore --file -$/m,
  );
});

test('they are not counted as backups', async () => {
  expect((await holdfast('list', '--json')).json().at(-1)).toMatchObject({ type: 'result', count: 1, total: 1 });
});

describe('what cannot be restored says why, and what to do', () => {
  test.each([
    ['all_20261112.sql', /pg_dumpall script of a whole server.*\nhint: Run it on a new, empty server/],
    ['directory_20261111/toc.dat', /holds no rows.*\nhint: Restore the folder with pg_restore/],
    ['app_20261109.dump.age', /encrypted with age\nhint: Type: age --decrypt/],
    [
      'app_20261107.sql.bz2',
      /compressed with bzip2\nhint: Type: bzip2 -dc backups\/app_20261107\.sql\.bz2 \| holdfast restore/,
    ],
    ['empty_20261106.sql.gz', /nothing: 0 bytes/],
    ['missing.sql', /is not there/],
    ['directory_20261111', /is not a file/],
    ['schema_20261119_030000.sql.gz', /is partial \(schema only\)/],
    ['data_20261119_030000.sql.gz', /is partial \(data only\)/],
    ['backup_sqlite_2026-11-13T02-00-00.db.gz', /is a backup of SQLite, the target is of another kind/],
  ])('%s', async (name, message) => {
    const result = await holdfast('restore', '--file', join('backups', name), '--yes');
    expect(result.code, result.stdout).not.toBe(0);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/\nhint: .+\n$/);
  });

  test('a script of pg_dumpall can be verified', async () => {
    const result = await holdfast('verify', '--file', 'backups/all_20261112.sql');
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toContain('pg_dumpall script of a whole server');
  });
});

describe('standard input', () => {
  test('is kept in a private file, drilled, and removed', async () => {
    const line = `gunzip -c backups/daily/*.dump.gz | ${holdfastCommand()} drill --file - --json`;
    const lines = (await shell(line, directory.path, server)).trim().split('\n');
    expect(JSON.parse(lines.at(-1))).toMatchObject({
      outcome: 'restored',
      tables: [{ table: 'public.orders', rows: 500 }],
    });
    expect(leftBehind()).toEqual([]);
  });

  test('is restored with --yes', async () => {
    await server.psql('DELETE FROM orders', 'app');
    await shell(`gunzip -c backups/joffre*.gz | ${holdfastCommand()} restore --file - --yes`, directory.path, server);
    expect(await server.psql('SELECT count(*) FROM orders', 'app')).toBe('500');
  });

  test('leaves nothing behind when it is interrupted', async () => {
    const feeding = `mkfifo pipe; (head -c 20M /dev/zero; exec sleep 30) > pipe & feeder=$!;
      ${holdfastCommand()} verify --file - < pipe > out 2>&1 & reader=$!;
      until [ "$(stat -c %s .holdfast-state/holdfast-file-*/input 2>/dev/null || echo 0)" -ge 20971520 ]; do sleep 0.1; done;
      stat -c %a .holdfast-state/holdfast-file-*/input; kill -TERM $reader;
      wait $reader || echo ended with $?; kill $feeder; rm pipe`;
    expect(await shell(feeding, directory.path, server)).toBe('600\nended with 130\n');
    expect(leftBehind()).toEqual([]);
  });

  test('that is empty is said', async () => {
    const result = await holdfast('verify', '--file', '-');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('standard input: nothing: 0 bytes');
  });
});

function leftBehind(): readonly string[] {
  return readdirSync(join(directory.path, '.holdfast-state')).filter((name) => name.startsWith('holdfast-'));
}

/** The program, in the environment that `runHoldfast` gives it. */
function holdfastCommand(): string {
  const program = join(import.meta.dirname, '../../../src/cli/main.ts');
  const state = join(directory.path, '.holdfast-state');
  return `env HOLDFAST_STATE_DIR=${state} HOLDFAST_PG_BIN=${server.binDirectory} DATABASE_URL='${server.socketUrl('app')}' ${process.execPath} ${program}`;
}

describe('a SQLite file', () => {
  test('with a log beside it is read with the log, and both stay as they are', async () => {
    const sql =
      'PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA wal_checkpoint; INSERT INTO t VALUES (2), (3)';
    await shell(
      `mkdir old; sqlite3 x.db "${sql}" '.shell cp x.db old/live.db; cp x.db-wal old/live.db-wal'`,
      directory.path,
      null,
    );
    const size = statSync(join(directory.path, 'old/live.db-wal')).size;
    const result = await holdfast('drill', '--file', 'old/live.db', '--json');
    expect(result.code, result.stdout).toBe(0);
    expect(result.json().at(-1)).toMatchObject({ outcome: 'restored', tables: [{ table: 't', rows: 3 }] });
    expect(readdirSync(join(directory.path, 'old')).sort()).toEqual(['live.db', 'live.db-wal']);
    expect(statSync(join(directory.path, 'old/live.db-wal')).size).toBe(size);
  });

  test('is restored over the living one, which is kept', async () => {
    const own = { ...options, env: { ...options.env, DATABASE_URL: 'file:dev.db' } };
    await shell("sqlite3 dev.db 'CREATE TABLE users (id INTEGER PRIMARY KEY)'", directory.path, null);
    const result = await runHoldfast(
      ['restore', '--file', 'backups/backup_sqlite_2026-11-13T02-00-00.db.gz', '--yes'],
      own,
    );
    expect(result.code, result.stderr).toBe(0);
    expect((await shell("sqlite3 dev.db 'SELECT count(*) FROM users'; ls", directory.path, null)).split('\n')).toEqual(
      expect.arrayContaining(['2', expect.stringMatching(/^dev\.db\.before_restore_/)]),
    );
  });
});

test('mistakes on the command line are said', async () => {
  for (const [args, message] of [
    [['verify', '--all', '--file', 'x'], /--all and --file exclude each other/],
    [['verify', 'latest', '--file', 'x'], /--file and the name of a backup exclude each other/],
    [['restore', '--undo', '--file', 'x'], /--undo and --file exclude each other/],
    [['list', 'app', '--foreign'], /--foreign lists a folder/],
  ] as const) {
    const result = await holdfast(...args);
    expect(result.code, args.join(' ')).toBe(2);
    expect(result.stderr).toMatch(message);
  }
});

test('a file that may not be read, and a team check that does not hold, are said', async () => {
  const checked = await runHoldfast(['drill', '--file', 'backups/chaindb_20261116_000000.dump'], {
    ...options,
    env: { ...options.env, EXPECTED_TABLES: '26' },
  });
  expect(checked.code).toBe(1);
  expect(checked.stderr).toContain('number of tables');
  writeFileSync(join(directory.path, 'secret.sql'), '');
  chmodSync(join(directory.path, 'secret.sql'), 0o000);
  expect((await holdfast('verify', '--file', 'secret.sql')).code).toBeOneOf([1, 13]);
  expect(existsSync(join(directory.path, 'secret.sql'))).toBe(true);
});

test('Ctrl-C in the middle of a drill removes everything', async () => {
  const run = startHoldfast(['drill', '--file', 'backups/chaindb_20261116_000000.dump', '--verbose'], options);
  await run.saw(/starting a throwaway/);
  run.signal('SIGINT');
  expect((await run.result).code).toBe(130);
  expect(leftBehind()).toEqual([]);
});

test('after all of it, every old file is as it was', async () => {
  const now = everything();
  for (const args of [['list', '--foreign'], ['verify', '--file', 'backups/chaindb_20261116_000000.dump'], ['backup']])
    await holdfast(...args);
  expect(everything()).toEqual(now);
});
