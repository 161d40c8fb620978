/**
 * A Unix socket of ours that stands for a server elsewhere. It bears the name that libpq looks for, in a folder that only
 * this user can enter, so sessions, cancel requests and PostgreSQL's tools all work on it as on a server here.
 */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { makeSocketDirectory } from '../../../system/socket-directory.ts';
import { carryConnection } from './carry-connection.ts';
import type { CommandThere } from './via.ts';

/** Disposing ends every connection and every program that carries one. */
export interface Relay extends AsyncDisposable {
  /** For PGHOST. */
  readonly directory: string;
  readonly port: number;
}

/** For the name of the socket only. */
const port = 5432;

export async function openRelay(command: CommandThere, onFailure: () => void): Promise<Relay> {
  await using undo = new AsyncDisposableStack();
  const { path } = undo.use(await makeSocketDirectory('relay', `.s.PGSQL.${String(port)}`));
  const sockets = new Set<Socket>();
  const carried = new Set<Promise<void>>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const carrying = carryConnection(socket, command, onFailure).finally(() => carried.delete(carrying));
    carried.add(carrying);
  });
  server.listen(join(path, `.s.PGSQL.${String(port)}`));
  await once(server, 'listening');
  undo.defer(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(carried);
  });
  const kept = undo.move();
  return { directory: path, port, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
