/**
 * Talks to the server in messages of our own over a session that is idle: bytes go as they are, in whatever encoding, and
 * many statements go at once. Each is prepared alone (PostgreSQL documentation, "Extended Query"), so that no text, however
 * it was cut, can ever hold two statements. The driver's listener is off the socket meanwhile.
 */

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { DatabaseError } from 'pg';
import { readErrorMessage } from './error-message.ts';
import type { Session } from './session.ts';

type DataListener = (chunk: Buffer) => void;

/** What the server answered to a batch or a COPY. */
export interface Answer {
  readonly kind: 'ready' | 'rows-wanted';
  /** Statements that were done. */
  readonly done: number;
  /** The first error; what came behind it was passed over. */
  readonly error: DatabaseError | null;
}

const headerBytes = 5;

export class RawConversation implements Disposable {
  readonly #stream: Duplex;
  readonly #lost: AbortSignal;
  readonly #driverListeners: readonly DataListener[];
  readonly #onData: DataListener;
  readonly #onClose: () => void;
  #input: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<Answer> | null = null;
  #done = 0;
  #error: DatabaseError | null = null;

  constructor(session: Session) {
    const connection = Reflect.get(session.client, 'connection') as { readonly stream: Duplex };
    this.#stream = connection.stream;
    this.#lost = session.lost;
    this.#driverListeners = this.#stream.listeners('data') as DataListener[];
    this.#onData = (chunk) => {
      this.#take(chunk);
    };
    this.#onClose = () => {
      this.#waiting?.reject(this.#closed());
    };
    this.#stream.on('data', this.#onData);
    for (const listener of this.#driverListeners) this.#stream.off('data', listener);
    this.#stream.once('close', this.#onClose);
  }

  /** Prepares and runs each statement alone, in order; behind the first that fails none is run. */
  async runBatch(statements: readonly Uint8Array[]): Promise<Answer> {
    const messages = statements.flatMap((sql) => [parseMessage(sql), bindMessage, executeMessage]);
    return this.#ask(Buffer.concat([...messages, syncMessage]));
  }

  /** One statement by the simple protocol, as COPY FROM STDIN needs it. */
  async query(sql: Uint8Array): Promise<Answer> {
    return this.#ask(message('Q', sql, zero));
  }

  /** Rows of the COPY that is open, at the server's pace. Does nothing once the server has refused them. */
  async sendRows(rows: Uint8Array): Promise<void> {
    if (this.#error !== null) return;
    this.#checkOpen();
    const head = Buffer.alloc(headerBytes);
    head.write('d');
    head.writeUInt32BE(rows.length + 4, 1);
    this.#stream.write(head);
    // The rows are their reader's again when this resolves: they have to be with the system, or copied, by then.
    if (this.#stream.write(Buffer.from(rows))) return;
    await this.#drained();
  }

  async endRows(): Promise<Answer> {
    this.#checkOpen();
    const waiting = (this.#waiting ??= Promise.withResolvers<Answer>());
    this.#stream.write(message('c'));
    const answer = await waiting.promise;
    this.#waiting = null;
    return answer;
  }

  [Symbol.dispose](): void {
    for (const listener of this.#driverListeners) this.#stream.on('data', listener);
    this.#stream.off('data', this.#onData);
    this.#stream.off('close', this.#onClose);
  }

  async #ask(bytes: Buffer): Promise<Answer> {
    this.#checkOpen();
    this.#done = 0;
    this.#error = null;
    this.#waiting = Promise.withResolvers<Answer>();
    const { promise } = this.#waiting;
    this.#stream.write(bytes);
    return await promise;
  }

  async #drained(): Promise<void> {
    const stopping = new AbortController();
    const closed = once(this.#stream, 'close', { signal: stopping.signal });
    closed.catch(() => undefined);
    try {
      await Promise.race([once(this.#stream, 'drain', { signal: stopping.signal }), closed]);
    } finally {
      stopping.abort();
    }
    this.#checkOpen();
  }

  #checkOpen(): void {
    if (this.#stream.destroyed || this.#lost.aborted) throw this.#closed();
  }

  #closed(): unknown {
    return this.#lost.aborted ? this.#lost.reason : new Error('Connection terminated unexpectedly');
  }

  #take(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    for (;;) {
      if (this.#input.length < headerBytes) return;
      const end = 1 + this.#input.readUInt32BE(1);
      if (this.#input.length < end) return;
      const body = this.#input.subarray(headerBytes, end);
      const type = String.fromCharCode(this.#input[0] ?? 0);
      this.#input = this.#input.subarray(end);
      this.#note(type, body);
    }
  }

  /** CommandComplete, EmptyQueryResponse, ErrorResponse, CopyInResponse, ReadyForQuery; nothing else says anything here. */
  #note(type: string, body: Buffer): void {
    if (type === 'C' || type === 'I') this.#done += 1;
    else if (type === 'E') this.#error ??= readErrorMessage(body);
    else if (type === 'G') this.#answer('rows-wanted');
    else if (type === 'Z') this.#answer('ready');
  }

  #answer(kind: Answer['kind']): void {
    const waiting = this.#waiting ?? Promise.withResolvers<Answer>();
    // What is answered before anybody waits (rows refused in the middle) is kept for who asks next.
    this.#waiting = kind === 'ready' && this.#waiting === null ? waiting : null;
    waiting.resolve({ kind, done: this.#done, error: this.#error });
  }
}

const zero = Buffer.alloc(1);

function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  const head = Buffer.alloc(headerBytes);
  head.write(type);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, ...parts]);
}

/** Unnamed, without parameters. */
function parseMessage(sql: Uint8Array): Buffer {
  return message('P', zero, sql, zero, Buffer.alloc(2));
}

/** The unnamed statement in the unnamed portal: no formats, no parameters, results as text. */
const bindMessage = message('B', zero, zero, Buffer.alloc(6));
/** All rows. */
const executeMessage = message('E', zero, Buffer.alloc(4));
const syncMessage = message('S');
