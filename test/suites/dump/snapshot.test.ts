import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeScope } from '../../../src/domain/scope.ts';
import { takeSnapshot, type Snapshot } from '../../../src/engine/postgres/dump/snapshot.ts';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { addressOf } from './take-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres({
    settings: {
      idle_in_transaction_session_timeout: '300ms',
      statement_timeout: '5s',
      max_locks_per_transaction: '10',
      max_connections: '20',
    },
  });
  await server.createDatabase('app');
  await server.psql(
    'CREATE SCHEMA "S"; CREATE TABLE "S"."t""1" AS SELECT generate_series(1, 5) AS id; CREATE SEQUENCE seq',
    'app',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function snapshotOf(database: string, lockTimeoutMs = 2000): Promise<Snapshot> {
  const { address } = addressOf(server.socketUrl(database));
  return takeSnapshot(address, { scope: wholeScope, lockTimeoutMs, signal: new AbortController().signal });
}

describe('a snapshot', () => {
  it('outlives the timeouts that the server sets for idle sessions', async () => {
    await using snapshot = await snapshotOf('app');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(snapshot.session.lost.aborted).toBe(false);
    expect(await snapshot.session.query('select count(*)::int as n from "S"."t""1"')).toEqual([{ n: 5 }]);
  });

  it('keeps its tables from being emptied, dropped or rewritten, and stops no writer', async () => {
    await using snapshot = await snapshotOf('app');
    for (const sql of ['TRUNCATE "S"."t""1"', 'DROP TABLE "S"."t""1"', 'ALTER TABLE "S"."t""1" ALTER id TYPE bigint']) {
      await expect(server.psql(`SET lock_timeout = '100ms'; ${sql}`, 'app')).rejects.toThrow(/lock timeout/);
    }
    await server.psql('INSERT INTO "S"."t""1" VALUES (6); DELETE FROM "S"."t""1" WHERE id = 6', 'app');
    expect(snapshot.relations.map((relation) => [relation.name, relation.kind])).toEqual([
      ['t"1', 'table'],
      ['seq', 'sequence'],
    ]);
  });

  it('is shared with another session that imports it', async () => {
    await using snapshot = await snapshotOf('app');
    await server.psql('INSERT INTO "S"."t""1" VALUES (7)', 'app');
    const count = await server.psql(
      `BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '${snapshot.id}'; SELECT count(*) FROM "S"."t""1"; COMMIT`,
      'app',
    );
    await server.psql('DELETE FROM "S"."t""1" WHERE id = 7', 'app');
    expect(count).toBe('5');
  });

  it('says who holds the lock that it waited for in vain', async () => {
    const { address } = addressOf(server.socketUrl('app'));
    await using migration = await openSession(
      { ...address, options: { PGAPPNAME: 'x' } },
      { purpose: 'migration', signal: new AbortController().signal },
    );
    await migration.query('begin');
    await migration.query('lock table "S"."t""1" in access exclusive mode');
    const [row] = await migration.query<{ pid: number }>('select pg_backend_pid() as pid');
    await expect(snapshotOf('app', 200)).rejects.toMatchObject({
      code: 'lock-timeout',
      message: `session ${String(row?.pid)} (postgres, holdfast migration, idle in transaction) holds an exclusive lock on "S"."t""1"`,
    });
  });

  it('starts again when tables come and go while it is taken', async () => {
    const stop = new AbortController();
    const churn = (async () => {
      for (let number = 0; !stop.signal.aborted; number++) {
        await server.psql(`CREATE TABLE "S".n${String(number)} (); DROP TABLE "S".n${String(number)}`, 'app');
      }
    })();
    for (let round = 0; round < 5; round++) {
      await using snapshot = await snapshotOf('app');
      const rows = await snapshot.session.query<{ name: string }>(
        "select relname::text as name from pg_class where relnamespace = '\"S\"'::regnamespace and relkind = 'r' order by oid",
      );
      expect(
        snapshot.relations.filter((relation) => relation.kind === 'table').map((relation) => relation.name),
      ).toEqual(rows.map((row) => row.name));
    }
    stop.abort();
    await churn;
  });

  it('says what to raise when the server cannot lock that many tables', async () => {
    await server.createDatabase('many');
    for (let block = 0; block < 12; block++) {
      await server.psql(
        `DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE t%s_%s ()', ${String(block)}, i); END LOOP; END $$`,
        'many',
      );
    }
    await expect(snapshotOf('many')).rejects.toMatchObject({
      code: 'lock-table-full',
      hint: expect.stringContaining('max_locks_per_transaction') as unknown,
    });
  });
});
