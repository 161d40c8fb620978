/**
 * `COPY … FROM STDIN` on a session, fed with CopyData messages that are ready to be sent (PostgreSQL documentation, "COPY
 * Operations" of the frontend/backend protocol). All of it goes past the driver into the socket, as the bytes it is given
 * in: the driver would write a statement as UTF-8, and names may be in any encoding.
 */

import type { Duplex } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import { queryError } from '../../connection/server-errors.ts';
import type { Session } from '../../connection/session.ts';

/** Members of the driver's connection that its published types leave out. */
interface CopyingConnection {
  readonly stream: Duplex;
  endCopyFrom(): void;
}

export class CopyIn implements Submittable {
  readonly #session: Session;
  readonly #statement: Buffer;
  readonly #opened = Promise.withResolvers<undefined>();
  readonly #ended = Promise.withResolvers<number>();
  #connection: CopyingConnection | null = null;
  #rows = Number.NaN;

  /** Sent at once. The session must be idle. The statement, or the last of several, is the COPY. */
  constructor(session: Session, statement: Buffer) {
    this.#session = session;
    this.#statement = statement;
    // Whoever writes or ends hears of it; nobody may be waiting just then.
    this.#opened.promise.catch(() => undefined);
    this.#ended.promise.catch(() => undefined);
    session.client.query(this);
  }

  /** Resolves when the message is with the system, and its bytes may be used again. Throws the server's error. */
  async write(message: Buffer): Promise<void> {
    await this.#opened.promise;
    await Promise.race([this.#ended.promise, this.#send(message)]);
  }

  /** The number of rows that the server has taken. */
  async end(): Promise<number> {
    await this.#opened.promise;
    this.#connection?.endCopyFrom();
    return this.#ended.promise;
  }

  submit(connection: Connection): void {
    const copying = connection as unknown as CopyingConnection;
    this.#connection = copying;
    copying.stream.write(queryMessage(this.#statement));
  }

  handleCopyInResponse(): void {
    this.#opened.resolve(undefined);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(text)?.[1]);
  }

  handleError(thrown: unknown): void {
    const { lost, address } = this.#session;
    const error: unknown = lost.aborted ? lost.reason : queryError(thrown, address);
    this.#opened.reject(error);
    this.#ended.reject(error);
  }

  handleReadyForQuery(): void {
    if (Number.isNaN(this.#rows)) this.handleError(new Error(`the server did not say how many rows it took`));
    else this.#ended.resolve(this.#rows);
  }

  #send(message: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection?.stream.write(message, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(queryError(error, this.#session.address));
      });
    });
  }
}

/** A simple query: its type, the length of what follows, the text and a zero. */
function queryMessage(statement: Buffer): Buffer {
  const message = Buffer.alloc(1 + 4 + statement.length + 1);
  message.write('Q');
  message.writeUInt32BE(message.length - 1, 1);
  statement.copy(message, 5);
  return message;
}
