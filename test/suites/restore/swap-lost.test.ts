/** The swap of names when the answer of the server is lost: what was done is what is said. */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parsePgUrl } from '../../../src/engine/postgres/connection/address.ts';
import { swapDatabases } from '../../../src/engine/postgres/restore/swap/swap.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { quietWork } from './dumped-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
}, 120_000);

afterAll(() => server[Symbol.asyncDispose]());

/** `Q`, its length, the text. */
const commitMessage = 'Q\0\0\0\x0bcommit\0';

/** Passes everything on, and cuts a connection at its first COMMIT: before the server hears of it, or before we hear the answer. */
async function startCutter(
  port: number,
  cut: 'question' | 'answer',
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let isCommitting = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      isCommitting ||= bytes.includes(commitMessage);
      if (isCommitting && cut === 'question') client.destroy();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (isCommitting) client.destroy();
      else client.write(bytes);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

it.each(['question', 'answer'] as const)('is known when the connection breaks at the %s of COMMIT', async (cut) => {
  await using cutter = await startCutter(server.port, cut);
  const [name, copy, keptAs] = [cut, `${cut}_copy`, `${cut}_kept`];
  await server.createDatabase(name);
  await server.createDatabase(copy);
  const url = server.url(name).replace(`:${String(server.port)}/`, `:${String(cutter.port)}/`);
  const address = parsePgUrl({ url, origin: 'a test', baseDir: '/', environment: {} });
  const swap = swapDatabases(address, { copy, name, keptAs }, [], quietWork.signal);
  const names = `SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE '${cut}%'`;
  if (cut === 'answer') {
    expect(await swap).toMatchObject({ name, keptAs });
    expect(await server.psql(names)).toBe(`${name} ${keptAs}`);
  } else {
    await expect(swap).rejects.toMatchObject({ code: 'swap-failed' });
    expect(await server.psql(names)).toBe(`${name} ${copy}`);
  }
});
