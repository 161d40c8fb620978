import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../src/engine/postgres/connection/session.ts';
import { errorCodeOf } from '../../../src/engine/postgres/connection/server-errors.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { addressOf } from '../dump/take-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres({
    settings: { datestyle: 'SQL, DMY', intervalstyle: 'iso_8601', timezone: 'Asia/Tokyo', bytea_output: 'escape' },
  });
  await server.psql("ALTER ROLE postgres SET search_path = 'public'; ALTER ROLE postgres SET statement_timeout = '1s'");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function open(signal = new AbortController().signal): Promise<Session> {
  return openSession(addressOf(server.socketUrl()).address, { purpose: 'test', signal });
}

async function statementsOfOurs(): Promise<string> {
  return server.psql(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holdfast test' AND state = 'active'",
  );
}

describe('a session', () => {
  it('writes values the same way whatever the server, the database and the role prefer', async () => {
    await using session = await open();
    expect(
      await session.query(
        `select timestamptz '2026-02-03 04:05:06+09'::text as t, interval '1 day 02:00'::text as i, '\\x00ff'::bytea::text as b,
                (0.1::float8 + 0.2)::text as f, current_setting('search_path') as p, current_setting('statement_timeout') as s`,
      ),
    ).toEqual([
      {
        t: '2026-02-02 19:05:06+00',
        i: '1 day 02:00:00',
        b: '\\x00ff',
        f: '0.30000000000000004',
        p: 'pg_catalog',
        s: '0',
      },
    ]);
  });

  it('cancels the statement on the server when it is aborted', async () => {
    const control = new AbortController();
    await using session = await open(control.signal);
    const sleeping = session.query('select pg_sleep(60)');
    sleeping.catch(() => undefined);
    while ((await statementsOfOurs()) !== '1') await new Promise((resolve) => setTimeout(resolve, 10));
    control.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await session[Symbol.asyncDispose]();
    let left = '1';
    for (let tries = 0; tries < 100 && left !== '0'; tries++) left = await statementsOfOurs();
    expect(left).toBe('0');
    await expect(session.query('select 1')).rejects.toThrow('enough');
  });

  it('tells when the server ended it', async () => {
    await using session = await open();
    const lost = new Promise((resolve) => {
      session.lost.addEventListener('abort', () => {
        resolve(session.lost.reason);
      });
    });
    await server.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast test'",
    );
    expect(await lost).toMatchObject({
      code: 'server-gone',
      message: expect.stringContaining('administrator command') as unknown,
    });
    await expect(session.query('select 1')).rejects.toMatchObject({ code: 'server-gone' });
  });

  it('keeps the server’s own code in its errors', async () => {
    await using session = await open();
    const failure = await session.query('select 1/0').catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'query-failed', message: 'division by zero' });
    expect(errorCodeOf(failure)).toBe('22012');
  });

  it('gives up on a server that does not answer in time', async () => {
    // A listener that never speaks.
    const { createServer } = await import('node:net');
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const silent = addressOf(`postgres://u@127.0.0.1:${String(port)}/db?connect_timeout=1`).address;
    await expect(openSession(silent, { purpose: 'test', signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'server-unreachable',
      message: `127.0.0.1:${String(port)} did not answer in time`,
    });
    mute.close();
  });

  it('tells a full server apart', async () => {
    await server.psql('CREATE DATABASE small CONNECTION LIMIT 0; CREATE ROLE plain LOGIN');
    const { address } = addressOf(server.socketUrl('small').replace('postgres@', 'plain@'));
    await expect(openSession(address, { purpose: 'test', signal: new AbortController().signal })).rejects.toMatchObject(
      {
        code: 'too-many-connections',
      },
    );
  });
});
