/**
 * Runs `COPY … TO STDOUT` on a session that is idle and hashes the rows. The driver would make an object of each row; so its own
 * listener is taken off the socket meanwhile, and the bytes are read as they come.
 */

import type { Duplex } from 'node:stream';
import { setTaker } from '../../connection/reused-buffer.ts';
import { queryError } from '../../connection/server-errors.ts';
import type { Session } from '../../connection/session.ts';
import { CopyStream } from './copy-stream.ts';
import type { HashTotals, RowHasher } from '../row-hash/row-hasher.ts';

type DataListener = (chunk: Buffer) => void;

/** The two members of the driver's connection that are needed; its published types leave `query` out. */
interface DriverConnection {
  readonly stream: Duplex;
  query(sql: string): void;
}

export async function copyOut(
  session: Session,
  sql: string,
  hasher: RowHasher,
  memory: Uint8Array,
  signal: AbortSignal,
): Promise<HashTotals> {
  signal.throwIfAborted();
  if (session.lost.aborted) throw session.lost.reason;
  const connection = Reflect.get(session.client, 'connection') as DriverConnection;
  const { stream } = connection;
  const copy = new CopyStream(hasher, memory);
  const ready = Promise.withResolvers<undefined>();
  const driverListeners = stream.listeners('data') as DataListener[];
  const onData = (chunk: Buffer): void => {
    try {
      if (copy.take(chunk)) ready.resolve(undefined);
    } catch (thrown) {
      // Nobody knows any more where the next message begins.
      stream.destroy();
      ready.reject(thrown);
    }
  };
  const onClose = (): void => {
    ready.reject(session.lost.aborted ? session.lost.reason : new Error('Connection terminated unexpectedly'));
  };
  if (!setTaker(stream, onData)) {
    stream.on('data', onData);
    for (const listener of driverListeners) stream.off('data', listener);
  }
  stream.once('close', onClose);
  try {
    connection.query(sql);
    await ready.promise;
    return copy.result();
  } catch (thrown) {
    signal.throwIfAborted();
    throw queryError(thrown, session.address);
  } finally {
    if (!setTaker(stream, null)) {
      for (const listener of driverListeners) stream.on('data', listener);
      stream.off('data', onData);
    }
    stream.off('close', onClose);
  }
}
