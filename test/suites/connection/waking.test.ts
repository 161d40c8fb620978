/** A server that slept, or was restarted: it says that it is starting, and lets nobody in for a while. */

import { createConnection, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { addressOf } from '../dump/take-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Sleeper extends AsyncDisposable {
  readonly port: number;
  readonly refused: () => number;
}

/** Refuses the first connections as the postmaster does while it starts; then leads to the server. */
async function startSleeper(refusals: number): Promise<Sleeper> {
  let refused = 0;
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (refused < refusals) {
      refused += 1;
      socket.once('data', () => socket.end(startingUp()));
      return;
    }
    const upstream = createConnection(server.port, '127.0.0.1');
    sockets.add(upstream);
    upstream.on('error', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    refused: () => refused,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** ErrorResponse 57P03 (PostgreSQL documentation, "Message Formats"). */
function startingUp(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P03', 'Mthe database system is starting up', 'Rstart', ''];
  const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function addressAt(port: number, more = ''): ReturnType<typeof addressOf>['address'] {
  return addressOf(`postgres://postgres@127.0.0.1:${String(port)}/postgres?sslmode=disable${more}`).address;
}

it('is asked again until it lets us in', async () => {
  await using sleeper = await startSleeper(3);
  const signal = new AbortController().signal;
  await using session = await openSession(addressAt(sleeper.port), { purpose: 'test', signal });
  expect(await session.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(sleeper.refused()).toBe(3);
});

it('is given up when connecting has taken as long as it may', async () => {
  await using sleeper = await startSleeper(1000);
  const signal = new AbortController().signal;
  const opening = openSession(addressAt(sleeper.port, '&connect_timeout=1'), { purpose: 'test', signal });
  await expect(opening).rejects.toMatchObject({ code: 'server-starting', exit: 16 });
  expect(sleeper.refused()).toBeGreaterThan(2);
});

it('is left at once when the run is stopped', async () => {
  await using sleeper = await startSleeper(1000);
  const controller = new AbortController();
  const opening = openSession(addressAt(sleeper.port), { purpose: 'test', signal: controller.signal });
  setTimeout(() => {
    controller.abort(new Error('enough'));
  }, 400);
  await expect(opening).rejects.toThrow('enough');
  expect(sleeper.refused()).toBeLessThan(4);
});
