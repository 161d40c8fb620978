/** Damaged files of other programs: every one is refused with a clear error, and nothing is touched. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from '../../harness/cli.ts';
import { cutTo, flippedAt, lastByteCut, oneByteMore, overwrittenByZeros } from '../../harness/damage.ts';
import { shell } from '../../harness/foreign-files.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;

const kinds = {
  'a.sql': 'pg_dump > a.sql',
  'a.sql.gz': 'pg_dump | gzip > a.sql.gz',
  'a.sql.zst': 'pg_dump | zstd -q > a.sql.zst',
  'a.dump': 'pg_dump -Fc > a.dump',
  'a.dump.gz': 'pg_dump -Fc -Z0 | gzip > a.dump.gz',
  'a.tar': 'pg_dump -Ft > a.tar',
  'a.db':
    'sqlite3 a.db "CREATE TABLE t (a, b); INSERT INTO t SELECT value, hex(randomblob(50)) FROM generate_series(1, 3000); CREATE INDEX i ON t (b)"',
  'a.db.gz': 'gzip < a.db > a.db.gz',
} as const;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('foreign-damage');
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app') } };
  await server.createDatabase('app');
  await server.psql(
    `CREATE TABLE t AS SELECT n, md5(n::text) || md5((n * 7)::text) AS m FROM generate_series(1, 6000) n;
     CREATE INDEX i ON t (n); SELECT lo_from_bytea(0, decode(repeat('00ff', 5000), 'hex'))`,
    'app',
  );
  for (const command of Object.values(kinds)) await shell(command, directory.path, server);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function verify(bytes: Buffer): Promise<CliResult> {
  writeFileSync(join(directory.path, 'damaged'), bytes);
  return runHoldfast(['verify', '--file', 'damaged'], { ...options, timeoutMs: 30_000 });
}

/** One clear error, with a hint, and no trace of the program's inside. */
function expectClear(result: CliResult, what: string): void {
  expect(result.code, `${what}: ${result.stdout}${result.stderr}`).toBeOneOf([1, 15]);
  expect(result.stderr, what).toMatch(/(?:^|\n)error: .+\nhint: .+\n$/);
  expect(result.stderr, what).not.toMatch(/\n {4}at |TypeError|internal|unexpected:/);
}

/** Different in every run, told when it fails. */
function places(count: number): readonly number[] {
  return Array.from({ length: count }, () => Math.random());
}

describe.each(Object.keys(kinds))('%s', (name) => {
  const bytes = (): Buffer => readFileSync(join(directory.path, name));

  test('is whole', async () => {
    expect(await verify(bytes())).toMatchObject({ code: 0 });
  });

  test('cut anywhere is refused', async () => {
    for (const share of [0, 0.99, ...places(4)]) {
      expectClear(await verify(cutTo(share).change(bytes())), `cut to ${share}`);
    }
    // Of a plain script the last line's end may be missing.
    const result = await verify(lastByteCut.change(bytes()));
    if (name !== 'a.sql') expectClear(result, 'without its last byte');
  });

  test('of zeros is refused', async () => {
    expectClear(await verify(overwrittenByZeros.change(bytes())), 'zeros');
  });
});

describe('one changed bit is found', () => {
  test.each(['a.sql.gz', 'a.sql.zst', 'a.dump.gz', 'a.db.gz'])(
    'by the checksum of the compression in %s',
    async (name) => {
      for (const place of places(3)) {
        const changed = flippedAt(place).change(readFileSync(join(directory.path, name)));
        // A flag or a time in the header of gzip means nothing for the content.
        if (Math.round((changed.length - 1) * place) > 12) expectClear(await verify(changed), `at ${place}`);
      }
    },
  );

  test('in the rows of an archive that pg_dump compressed', async () => {
    for (const place of [0.4, 0.6, 0.8]) {
      const changed = flippedAt(place).change(readFileSync(join(directory.path, 'a.dump')));
      expectClear(await verify(changed), `at ${place}`);
    }
  });
});

test('bytes behind the end are refused', async () => {
  for (const name of ['a.sql.gz', 'a.sql.zst', 'a.dump', 'a.tar', 'a.db']) {
    expectClear(await verify(oneByteMore.change(readFileSync(join(directory.path, name)))), name);
  }
});

describe('a checksum that does not hold', () => {
  test.each(['verify', 'drill', 'restore'])('stops %s before anything is read further', async (verb) => {
    await shell('cp a.dump.gz sum.dump.gz; sha256sum a.sql > sum.dump.gz.sha256', directory.path, null);
    const result = await runHoldfast(
      [verb, '--file', 'sum.dump.gz', ...(verb === 'restore' ? ['--yes'] : [])],
      options,
    );
    expect(result.code, result.stderr).toBe(15);
    expect(result.stderr).toMatch(/error: sum\.dump\.gz has the SHA-256 [0-9a-f]{64}, and sum\.dump\.gz\.sha256 says /);
  });

  test('and the living database is as it was, with no other beside it', async () => {
    for (const share of [0.3, 0.7]) {
      writeFileSync(join(directory.path, 'cut'), cutTo(share).change(readFileSync(join(directory.path, 'a.dump.gz'))));
      expect(await runHoldfast(['restore', '--file', 'cut', '--yes'], options)).toMatchObject({ code: 15 });
    }
    expect(
      await server.psql('SELECT string_agg(datname, $$,$$ ORDER BY datname) FROM pg_database WHERE NOT datistemplate'),
    ).toBe('app,postgres');
  });
});

describe('a script that would do more than fill a database', () => {
  test.each([
    ['\\! touch harmed', /a command of psql that pg_dump does not write there \(\\! touch harmed\)/],
    ["COPY t TO PROGRAM 'touch harmed';", /a COPY that reads or writes a file or a program/],
    ['DROP DATABASE app;', /a statement about a whole database/],
    ['CREATE ROLE evil SUPERUSER;', /CREATE ROLE, which concerns the whole server/],
  ])('is refused before it starts: %s', async (line, message) => {
    const text = readFileSync(join(directory.path, 'a.sql'), 'utf8');
    const marker = 'CREATE TABLE public.t';
    const at = text.indexOf(marker);
    const number = text.slice(0, at).split('\n').length + 5;
    const end = text.indexOf(';', at) + 1;
    const changed = `${text.slice(0, end)}\n${line}\n${text.slice(end)}`;
    writeFileSync(join(directory.path, 'unsafe.sql'), changed);
    for (const args of [['verify'], ['drill'], ['restore', '--yes']]) {
      const result = await runHoldfast([...args, '--file', 'unsafe.sql'], options);
      expect(result.code, result.stderr).toBe(1);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).toMatch(new RegExp(`line ${number - 1}|line ${number}|line ${number - 2}`));
    }
    expect(await shell('ls', directory.path, null)).not.toContain('harmed');
  });
});

test('a decompression bomb is refused at its beginning, or fills neither memory nor disk', async () => {
  await shell('head -c 256M /dev/zero | gzip -1 | gzip -1 > bomb.gz', directory.path, null);
  const zeros = await runHoldfast(['verify', '--file', 'bomb.gz'], { ...options, timeoutMs: 30_000 });
  expect(zeros).toMatchObject({ code: 1 });
  expect(zeros.stderr).toContain('no dump and no database inside gzip, gzip');

  // A database whose header says two pages, and which goes on and on.
  await shell('(cat a.db; head -c 256M /dev/zero) | gzip -1 > endless.db.gz', directory.path, null);
  const endless = await runHoldfast(['verify', '--file', 'endless.db.gz'], { ...options, timeoutMs: 30_000 });
  expect(endless).toMatchObject({ code: 15 });
  expect(endless.stderr).toContain('more than the');

  let deep = readFileSync(join(directory.path, 'a.sql'));
  for (let depth = 0; depth < 6; depth += 1) {
    writeFileSync(join(directory.path, 'deep'), deep);
    await shell('gzip -c deep > deep.gz', directory.path, null);
    deep = readFileSync(join(directory.path, 'deep.gz'));
  }
  const result = await runHoldfast(['verify', '--file', 'deep.gz'], options);
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toContain('packed more than 4 times');
});
