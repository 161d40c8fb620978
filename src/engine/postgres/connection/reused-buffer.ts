/**
 * A socket that reads into one buffer again and again (Node.js documentation, `net.Socket`, `onread`). Otherwise each
 * read makes a buffer of its own, and a connection that delivers gigabytes holds tens of megabytes of dead ones until the
 * next collection.
 */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type TakeBytes = (bytes: Buffer) => void;

const takers = new WeakMap<Duplex, TakeBytes | null>();

/** Emits `data` with copies, as any socket does, while nobody takes its bytes. For one connection without TLS. */
export function makeReusedBufferSocket(bufferBytes: number): Socket {
  const socket = new Socket({
    onread: {
      buffer: Buffer.allocUnsafeSlow(bufferBytes),
      callback: (length, held) => {
        const bytes = Buffer.from(held.buffer, held.byteOffset, length);
        const take = takers.get(socket) ?? null;
        if (take === null) socket.emit('data', Buffer.from(bytes));
        else take(bytes);
        return true;
      },
    },
  });
  takers.set(socket, null);
  return socket;
}

/**
 * From now on bytes go to `take` alone, which must be done with them when it returns; until `null` is set. False, and
 * nothing changed, for any other stream.
 */
export function setTaker(stream: Duplex, take: TakeBytes | null): boolean {
  if (!takers.has(stream)) return false;
  takers.set(stream, take);
  return true;
}
