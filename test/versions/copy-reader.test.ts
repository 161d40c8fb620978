/** Hashing tables where they are: snapshots, errors in the middle, and stopping. */

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../src/engine/postgres/connection/session.ts';
import { hashTables } from '../../src/engine/postgres/fingerprint/copy/copy-reader.ts';
import { xxh64 } from '../../src/engine/postgres/fingerprint/row-hash/xxh64-reference.ts';
import { addressOf, quietWork } from '../harness/fingerprinted-dump.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { testedMajors } from '../harness/server-binaries.ts';

describe.each(testedMajors())('tables of PostgreSQL %i', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.createDatabase('copied');
    await server.psql(
      `CREATE TABLE numbers (n int, t text); INSERT INTO numbers SELECT g, repeat('v', g % 90) FROM generate_series(1, 20000) g;
       CREATE TABLE wide (t text); INSERT INTO wide SELECT repeat(md5('x'), 100000); INSERT INTO wide VALUES (NULL), ('');
       CREATE TABLE parted (k int, v text) PARTITION BY LIST (k); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
       CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2); INSERT INTO parted VALUES (1, 'a'), (2, 'b'), (2, 'c');`,
      'copied',
    );
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const numbers = { schema: 'public', table: 'numbers', columns: ['n', 't'] };
  const options = { snapshot: null, connections: 2, encoding: 'UTF8', signal: quietWork.signal };
  const address = (): ReturnType<typeof addressOf> => addressOf(server, 'copied');
  const sumOf = (rows: readonly string[]): bigint =>
    BigInt.asUintN(
      64,
      rows.reduce((sum, row) => sum + xxh64(Buffer.from(row)), 0n),
    );

  async function openSessions(): Promise<string> {
    return server.psql(`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'`);
  }

  test('have the sum of the reference hash of each row as COPY writes it', async () => {
    const rows = (await server.psql('COPY numbers TO STDOUT', 'copied')).split('\n');
    const wide = { schema: 'public', table: 'wide', columns: ['t'] };
    const root = { schema: 'public', table: 'parted', columns: ['v', 'k'] };
    const few = { ...numbers, columns: ['n'], condition: 'WHERE n <= 3' };
    expect(await hashTables(address(), [numbers, wide, root, few], options)).toEqual([
      { rows: 20_000, sum: sumOf(rows) },
      { rows: 3, sum: sumOf(['9dd4e461268c8034f5c8564e155c67a6'.repeat(100_000), String.raw`\N`, '']) },
      { rows: 3, sum: sumOf(['a\t1', 'b\t2', 'c\t2']) },
      { rows: 3, sum: sumOf(['1', '2', '3']) },
    ]);
    expect(await openSessions()).toBe('0');
  });

  test('are read in the snapshot given', async () => {
    await using session = await openSession(address(), { purpose: 'test', signal: quietWork.signal });
    await session.query('begin isolation level repeatable read read only');
    const [exported] = await session.query<{ id: string }>('select pg_export_snapshot() as id');
    const before = await hashTables(address(), [numbers], options);
    await server.psql('INSERT INTO numbers VALUES (0, NULL)', 'copied');
    expect(await hashTables(address(), [numbers], { ...options, snapshot: exported?.id ?? '' })).toEqual(before);
    expect((await hashTables(address(), [numbers], options))[0]?.rows).toBe(20_001);
    await server.psql('DELETE FROM numbers WHERE n = 0', 'copied');
  });

  test('raise what the server raises in the middle of them', async () => {
    const failing = { ...numbers, condition: 'WHERE 1 / (n - 15000) < 10' };
    await expect(hashTables(address(), [numbers, failing], options)).rejects.toMatchObject({
      code: 'query-failed',
      message: 'division by zero',
    });
    const missing = { schema: 'public', table: 'missing', columns: [] };
    await expect(hashTables(address(), [missing], options)).rejects.toMatchObject({ code: 'query-failed' });
    await expect(hashTables({ ...address(), database: 'none' }, [numbers], options)).rejects.toMatchObject({
      code: 'database-missing',
      exit: 16,
    });
    expect(await openSessions()).toBe('0');
  });

  const slow = { ...numbers, condition: 'WHERE pg_sleep(0.01) IS NOT NULL' };

  async function whenSlowIsRunning(): Promise<void> {
    const running = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep%' AND state = 'active'`;
    while ((await server.psql(running)) === '0') await delay(20);
  }

  test('stop when asked to, and leave no statement running', async () => {
    const stopping = new AbortController();
    const hashing = hashTables(address(), [slow], { ...options, signal: stopping.signal });
    hashing.catch(() => undefined);
    await whenSlowIsRunning();
    stopping.abort(new Error('stopped by the test'));
    await expect(hashing).rejects.toThrow('stopped by the test');
    expect(await openSessions()).toBe('0');
  });

  test('say so when the server ends the connection', async () => {
    const hashing = hashTables(address(), [slow], options);
    hashing.catch(() => undefined);
    await whenSlowIsRunning();
    await server.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep%'`);
    await expect(hashing).rejects.toMatchObject({ code: 'server-gone', exit: 16 });
  });
});
