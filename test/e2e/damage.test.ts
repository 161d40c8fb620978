/** Damaged backups of a PostgreSQL database: found, said, listed as damaged, and never put in place of anything. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHoldfast, type CliOptions } from '../harness/cli.ts';
import { cutTo, flippedAt, lastByteCut, oneByteMore, overwrittenByZeros, twiceItself } from '../harness/damage.ts';
import { openDamagedRepository, type DamagedRepository } from '../harness/damaged-repository.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const artifacts = [/\.dump\.zst$/, /^app-.*\.sql\.zst$/, /\.sql\.gz$/, /^globals-/, /^fingerprint/];

let server: TestServer;
let directory: TestDirectory;
let options: CliOptions;
let repository: DamagedRepository;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('damage');
  options = { cwd: directory.path, env: { ...server.toolEnvironment, DATABASE_URL: server.socketUrl('app') } };
  await server.createDatabase('app');
  // More than one frame of 2 MiB.
  await server.psql(
    `CREATE TABLE t AS SELECT n, repeat(md5(n::text), 3) AS m FROM generate_series(1, 30000) n;
     SELECT lo_from_bytea(0, decode(repeat('00ff', 5000), 'hex'));`,
    'app',
  );
  for (const formats of ['custom', 'custom,sql.zst,sql.gz']) {
    expect((await runHoldfast(['backup', '--format', formats], options)).code).toBe(0);
  }
  await server.psql('CREATE TABLE made_since ()', 'app');
  repository = await openDamagedRepository(options, 'app');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** The living database is the one it was, and no other was left beside it. */
async function expectUnharmed(): Promise<void> {
  expect(await server.psql(`SELECT to_regclass('made_since'), count(*) FROM t`, 'app')).toBe('made_since|30000');
  expect(
    await server.psql('SELECT string_agg(datname, $$,$$ ORDER BY datname) FROM pg_database WHERE NOT datistemplate'),
  ).toBe('app,postgres');
}

describe('verify finds', () => {
  test.each([
    [/\.dump\.zst$/, [cutTo(0), cutTo(0.4), flippedAt(0), flippedAt(0.33), flippedAt(0.8), overwrittenByZeros]],
    ...artifacts.map((file) => [file, [lastByteCut, flippedAt(0.5), flippedAt(1), oneByteMore, twiceItself]] as const),
    [/^manifest\.json$/, [cutTo(0), lastByteCut, flippedAt(0.2), flippedAt(1), twiceItself]],
    [/^RESTORE\.txt$/, [cutTo(0.5), flippedAt(0.6)]],
    [/^SHA256SUMS$/, [cutTo(0.5), flippedAt(0.6)]],
    [/^begin\.json$/, [cutTo(0.5), flippedAt(0.6)]],
  ] as const)('every damage of %s', async (file, damages) => {
    for (const how of damages) await repository.expectRefused(file, how, ['verify', repository.id]);
  });

  test('nothing in the whole one', async () => {
    expect(await runHoldfast(['verify', repository.id], options)).toMatchObject({ code: 0 });
  });
});

describe('a damaged', () => {
  test.each([/\.dump\.zst$/, /^fingerprint/, /^manifest\.json$/])(
    '%s is listed as damaged from then on, and latest is another backup',
    async (file) => {
      await repository.expectMarked(file, flippedAt(0.7), ['verify', repository.id]);
    },
  );

  test('archive is marked by a drill and by a restore that meet it', async () => {
    await repository.expectMarked(/\.dump\.zst$/, flippedAt(0.7), ['drill', repository.id]);
    await repository.expectMarked(/\.dump\.zst$/, flippedAt(0.7), ['restore', repository.id, '--yes']);
    await expectUnharmed();
  });

  test.each([...artifacts, /^manifest\.json$/])('%s is neither drilled nor restored', async (file) => {
    for (const how of [lastByteCut, flippedAt(0.6), twiceItself]) {
      await repository.expectRefused(file, how, ['drill', repository.id, '--on', server.socketUrl()]);
      await repository.expectRefused(file, how, ['restore', repository.id, '--yes']);
    }
    await expectUnharmed();
  });
});

test('the backup restores once it is whole again', async () => {
  expect((await runHoldfast(['restore', repository.id, '--yes'], options)).code).toBe(0);
  expect(await server.psql(`SELECT to_regclass('made_since'), count(*) FROM t`, 'app')).toBe('|30000');
});
