import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { addressOf, artifact, takeBackup } from './take-backup.ts';
import { listEntries } from './archive-tools.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_locks_per_transaction: '200' } });
  await server.createDatabase('app');
  // Many tables, so that some time passes between our locks and those of pg_dump.
  await server.psql(
    `DO $$ BEGIN FOR i IN 1..800 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY)', i); END LOOP; END $$;
     CREATE TABLE wanted AS SELECT 1 AS id`,
    'app',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a session that waits for an exclusive lock before pg_dump has its locks', () => {
  it('gets it, and the backup starts over', async () => {
    const signal = AbortSignal.timeout(60_000);
    await using session = await openSession(addressOf(server.socketUrl('app')).address, {
      purpose: 'migration',
      signal,
    });
    const notes: string[] = [];
    const migration = (async () => {
      for (;;) {
        const held = await session.query(
          `select 1 from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'holdfast snapshot'
              and l.relation = 'public.wanted'::regclass and l.granted`,
        );
        if (held.length > 0) break;
      }
      await session.query('truncate public.wanted');
    })();
    const taken = await takeBackup(server, 'app', {
      lockTimeoutMs: 700,
      fingerprint: 'content',
      onNote: (text) => notes.push(text),
    });
    await migration;
    expect(notes.join()).toMatch(/could not lock the tables.*taking a new snapshot/);
    expect(await listEntries(server, artifact(taken, 'archive'), 'TABLE DATA')).toContain('public wanted');
  });
});
