import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { findPoolerByAddress, findPoolerByBehaviour } from '../../../src/engine/postgres/preflight/pooler.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { addressOf, takeBackup } from '../dump/take-backup.ts';
import { startTinyPooler, type TinyPooler } from './tiny-pooler.ts';

let server: TestServer;
let pooler: TinyPooler;

beforeAll(async () => {
  server = await startPostgres();
  pooler = await startTinyPooler(`${server.socketDirectory}/.s.PGSQL.${String(server.port)}`, 'postgres', 'postgres');
});
afterAll(async () => {
  await pooler[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('a pooler', () => {
  it('that gives each transaction another session is refused before a backup', async () => {
    const url = `postgres://postgres@127.0.0.1:${String(pooler.port)}/postgres?sslmode=disable&pgbouncer=true`;
    await expect(takeBackup(server, 'postgres', { url })).rejects.toMatchObject({
      code: 'not-ready-for-backup',
      message: `127.0.0.1:${String(pooler.port)} is a pooler that shares server sessions`,
      hint: expect.stringContaining('without pgbouncer=true') as unknown,
    });
  });

  it('is not seen where there is none, even if the URL says so', async () => {
    const read = addressOf(`${server.socketUrl()}&pgbouncer=true`);
    const signal = new AbortController().signal;
    await using session = await openSession(read.address, { purpose: 'test', signal });
    expect(await findPoolerByBehaviour(read, session, signal)).toBeNull();
  });

  it.each([
    ['ep-cool-name-123-pooler.eu-central-1.aws.neon.tech', 5432, 'ep-cool-name-123.eu-central-1.aws.neon.tech'],
    ['aws-0-eu.pooler.supabase.com', 6543, 'port 5432'],
  ])('is known by the address %s, and the direct one is named', (host, port, direct) => {
    const finding = findPoolerByAddress(addressOf(`postgres://u@${host}:${String(port)}/db`));
    expect(finding).toMatchObject({ severity: 'blocking', hint: expect.stringContaining(direct) as unknown });
  });

  it('is not suspected in an ordinary name or port', () => {
    expect(findPoolerByAddress(addressOf('postgres://u@swimming-poolers.example.com:6543/db'))).toBeNull();
    expect(findPoolerByAddress(addressOf('postgres://u@aws-0-eu.pooler.supabase.com:5432/db'))).toBeNull();
  });
});
