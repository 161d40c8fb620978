/**
 * Cancels the statement a session is running: a connection of its own with a CancelRequest (PostgreSQL documentation,
 * "Message Formats"). The server answers nothing; it closes the connection.
 */

import { createConnection } from 'node:net';
import { isSocketDirectory, type PgAddress } from './address.ts';

const cancelRequestCode = 80_877_102;
const patienceMs = 2000;

/** Resolves when the request was delivered, or when it is clear that it cannot be. */
export function cancelStatement(address: PgAddress, processId: number, secretKey: number): Promise<void> {
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(cancelRequestCode, 4);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(secretKey, 12);
  return new Promise((resolve) => {
    const socket = isSocketDirectory(address.host)
      ? createConnection(`${address.host}/.s.PGSQL.${String(address.port)}`)
      : createConnection(address.port, address.host);
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.once('connect', () => socket.end(request));
    // A server that cannot be reached any more runs no statement for us.
    socket.once('error', () => socket.destroy());
    socket.once('close', () => {
      resolve();
    });
  });
}
