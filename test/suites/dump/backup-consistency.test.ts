import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { createEveryObjectRoles, loadEveryObject } from '../../harness/every-object.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { runPgRestore } from './archive-tools.ts';
import { addressOf, artifact, part, takeBackup } from './take-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
  await createEveryObjectRoles(server);
  await loadEveryObject(server, 'every');
  await server.createDatabase('busy');
  await server.psql(
    `CREATE TABLE accounts (id int PRIMARY KEY, balance int); INSERT INTO accounts SELECT g, 100 FROM generate_series(1, 100) g;
     CREATE TABLE log (id bigserial, at timestamptz DEFAULT clock_timestamp(), note text);
     CREATE TABLE emptied (id int);
     CREATE TABLE filler AS SELECT g, repeat(md5(g::text), 20) AS v FROM generate_series(1, 20000) g`,
    'busy',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the fingerprint of a backup', () => {
  it.each([['content'], ['independent'], ['counts']] as const)(
    'in mode %s covers every kind of object',
    async (mode) => {
      const { outcome } = await takeBackup(server, 'every', { fingerprint: mode });
      const fingerprint = outcome.fingerprint;
      expect(fingerprint?.mode).toBe(mode);
      expect(fingerprint?.tables.length).toBeGreaterThan(10);
      expect(fingerprint?.tables.some((table) => table.sum !== null)).toBe(mode !== 'counts');
      expect(fingerprint?.objects.length).toBeGreaterThan(50);
      expect(fingerprint?.sequences.length).toBeGreaterThan(0);
      expect(fingerprint?.largeObjects?.count).toBeGreaterThan(0);
    },
  );

  it('is the same however often an unchanged database is read', async () => {
    const [one, two] = [
      await takeBackup(server, 'every', { fingerprint: 'content' }),
      await takeBackup(server, 'every', { fingerprint: 'independent' }),
    ];
    expect(two.outcome.fingerprint?.tables).toEqual(one.outcome.fingerprint?.tables);
    expect(two.outcome.fingerprint?.objects).toEqual(one.outcome.fingerprint?.objects);
    expect(two.outcome.fingerprint?.largeObjects).toEqual(one.outcome.fingerprint?.largeObjects);
  });

  it('agrees with the dump while others write, empty tables and draw from sequences', async () => {
    const stop = new AbortController();
    const writing = writeAllTheTime(stop.signal);
    try {
      for (let round = 0; round < 4; round++) {
        const taken = await takeBackup(server, 'busy', {
          fingerprint: round % 2 === 0 ? 'content' : 'independent',
        });
        const { fingerprint } = taken.outcome;
        const emptied = fingerprint?.tables.find((table) => table.table === 'emptied');
        // Each transaction empties it and fills it with ten rows: no snapshot sees anything else.
        expect([0, 10]).toContain(emptied?.rows);
        // The sequence went on after the snapshot; what counts is where a restore will put it.
        const sql = await runPgRestore(server, artifact(taken, 'archive'), ['--file=-']);
        const [, value] = /setval\('public\.log_id_seq', (\d+), true\)/.exec(sql) ?? [];
        expect(fingerprint?.sequences.find((sequence) => sequence.name === 'log_id_seq')?.lastValue).toBe(value);
        expect(Number(value)).toBeGreaterThanOrEqual(
          fingerprint?.tables.find((table) => table.table === 'log')?.rows ?? 0,
        );
      }
    } finally {
      stop.abort();
      expect(await writing).toBeGreaterThan(10);
    }
  });

  it('holds chosen tables only, in a partial backup', async () => {
    const { outcome } = await takeBackup(server, 'busy', {
      fingerprint: 'content',
      scope: part({ tables: ['accounts', 'log'] }),
    });
    expect(outcome.fingerprint?.tables.map((table) => [table.table, table.rows > 0])).toEqual([
      ['accounts', true],
      ['log', expect.any(Boolean)],
    ]);
  });
});

/** Returns how many transactions there were. */
async function writeAllTheTime(signal: AbortSignal): Promise<number> {
  await using session = await openSession(addressOf(server.socketUrl('busy')).address, {
    purpose: 'writer',
    signal: new AbortController().signal,
  });
  let transactions = 0;
  while (!signal.aborted) {
    await session.query("insert into public.log (note) select 'x' from generate_series(1, 5)");
    await session.query('update public.accounts set balance = balance + 1 where id % 7 = 0');
    // A lock that is not to be had soon is given up, as an application would.
    await session.query("set lock_timeout = '20ms'");
    await session
      .query('begin')
      .then(() => session.query('truncate public.emptied'))
      .then(() => session.query('insert into public.emptied select generate_series(1, 10)'))
      .then(() => session.query('commit'))
      .catch(() => session.query('rollback'));
    transactions += 1;
  }
  return transactions;
}
