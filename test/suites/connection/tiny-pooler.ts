/**
 * The smallest pooler that behaves like PgBouncer in transaction mode: every client has its own process number, all
 * share one server session, which a client keeps from its first message until the server is idle again. The server must
 * trust the user.
 */

import { createConnection, createServer, type Socket } from 'node:net';

export interface TinyPooler extends AsyncDisposable {
  readonly port: number;
}

interface Lease {
  owner: Client | null;
  readonly waiting: Client[];
}

interface Client {
  readonly socket: Socket;
  pending: Buffer;
}

const authenticationOk = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const readyIdle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

export async function startTinyPooler(socketPath: string, user: string, database: string): Promise<TinyPooler> {
  const server = createConnection(socketPath);
  const lease: Lease = { owner: null, waiting: [] };
  server.write(startupMessage(user, database));
  await firstReady(server);
  readMessages(server, (type, message) => {
    lease.owner?.socket.write(message);
    // `Z` with status `I`: the transaction is over, the next client's turn.
    if (type === 0x5a && message[5] === 0x49) passOn(lease, server);
  });
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const key = Buffer.from([0x4b, 0, 0, 0, 12, 0, 1, sockets.size, 7, 0, 0, 0, 1]);
      socket.write(Buffer.concat([authenticationOk, key, readyIdle]));
      serve({ socket, pending: Buffer.alloc(0) }, lease, server);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of [...sockets, server]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function serve(client: Client, lease: Lease, server: Socket): void {
  client.socket.on('data', (bytes: Buffer) => {
    // Terminate is the client's leave, not the server session's end.
    if (bytes[0] === 0x58) return;
    client.pending = Buffer.concat([client.pending, bytes]);
    lease.owner ??= client;
    if (lease.owner === client) flush(client, server);
    else if (!lease.waiting.includes(client)) lease.waiting.push(client);
  });
}

function passOn(lease: Lease, server: Socket): void {
  lease.owner = lease.waiting.shift() ?? null;
  if (lease.owner !== null) flush(lease.owner, server);
}

function flush(client: Client, server: Socket): void {
  server.write(client.pending);
  client.pending = Buffer.alloc(0);
}

function readMessages(socket: Socket, onMessage: (type: number, message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5 && rest.length >= 1 + rest.readUInt32BE(1)) {
      const length = 1 + rest.readUInt32BE(1);
      onMessage(rest[0] ?? 0, rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}

function firstReady(server: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const onData = (bytes: Buffer): void => {
      if (bytes.subarray(-6, -1).equals(readyIdle.subarray(0, 5))) {
        server.off('data', onData);
        resolve();
      }
    };
    server.on('data', onData);
  });
}

function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.from(`\0\u0003\0\0user\0${user}\0database\0${database}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}
