/**
 * `COPY (SELECT ctid, …) TO STDOUT`, at the reader's pace. The place of each row is taken off again and remembered: when the
 * statement fails, it is known which row was the last that came. The server sends rows in the order of the table.
 */

import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import { queryError } from '../connection/server-errors.ts';
import type { Session } from '../connection/session.ts';

/** A row's place: block, and number in it. */
export interface RowPlace {
  readonly block: number;
  readonly offset: number;
}

const pieceBytes = 256 * 1024;
const [tab, newline, comma] = [0x09, 0x0a, 0x2c];

export class RowCopy implements Submittable {
  readonly #session: Session;
  readonly #statement: string;
  readonly #refuse: ((place: RowPlace) => void) | null;
  readonly #pieces: Buffer[] = [];
  #piece = Buffer.allocUnsafe(pieceBytes);
  #filled = 0;
  #stream: Duplex | null = null;
  #waiting = Promise.withResolvers<undefined>();
  #failure: { readonly error: unknown } | null = null;
  #ended = false;
  #last: RowPlace | null = null;
  #rows = 0;

  /** `refuse`: told of rows whose text is not UTF-8 and that are left out; null takes every row as it is. */
  constructor(session: Session, statement: string, refuse: ((place: RowPlace) => void) | null) {
    this.#session = session;
    this.#statement = statement;
    this.#refuse = refuse;
  }

  /** That came so far, refused ones not counted. */
  get rows(): number {
    return this.#rows;
  }

  /** Of the last row that came, refused or not. */
  get last(): RowPlace | null {
    return this.#last;
  }

  /** Pieces of whole rows in COPY's text form, without their places. Throws the server's error after the last row that came. */
  async *read(): AsyncGenerator<Uint8Array> {
    this.#session.client.query(this);
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        yield piece;
        continue;
      }
      if (this.#ended || this.#failure !== null) break;
      this.#stream?.resume();
      await this.#waiting.promise;
      this.#waiting = Promise.withResolvers<undefined>();
    }
    // The last piece stopped it; whoever asks next must hear the answer.
    this.#stream?.resume();
    if (this.#failure !== null) throw this.#failure.error;
  }

  submit(connection: Connection): void {
    this.#stream = (connection as unknown as { readonly stream: Duplex }).stream;
    connection.query(this.#statement);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const at = chunk.indexOf(tab);
    const place = readPlace(chunk);
    this.#last = place;
    // A table without columns has rows without a tab.
    const row = at < 0 ? chunk.subarray(chunk.length - 1) : chunk.subarray(at + 1);
    if (this.#refuse !== null && !isUtf8(row)) {
      this.#refuse(place);
      return;
    }
    this.#rows += 1;
    this.#keep(row);
  }

  handleCommandComplete(): void {
    this.#cut();
  }

  handleReadyForQuery(): void {
    this.#ended = true;
    this.#waiting.resolve(undefined);
  }

  handleError(thrown: unknown): void {
    this.#cut();
    const { lost, address } = this.#session;
    this.#failure ??= { error: lost.aborted ? lost.reason : queryError(thrown, address) };
    this.#stream?.resume();
    this.#waiting.resolve(undefined);
  }

  #keep(row: Buffer): void {
    if (this.#filled + row.length > this.#piece.length) this.#cut();
    if (row.length > pieceBytes) {
      // The driver's buffer is its own again afterwards.
      this.#hand(Buffer.from(row));
      return;
    }
    row.copy(this.#piece, this.#filled);
    this.#filled += row.length;
  }

  #cut(): void {
    if (this.#filled === 0) return;
    const piece = this.#piece.subarray(0, this.#filled);
    this.#piece = Buffer.allocUnsafe(pieceBytes);
    this.#filled = 0;
    this.#hand(piece);
  }

  #hand(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#stream?.pause();
    this.#waiting.resolve(undefined);
  }
}

/** `(12,3)` at the beginning of a row. */
function readPlace(row: Buffer): RowPlace {
  const numbers = [0, 0];
  let part = 0;
  for (let at = 1; at < row.length; at += 1) {
    const byte = row[at] ?? newline;
    if (byte === comma) part = 1;
    else if (byte < 0x30 || byte > 0x39) break;
    else numbers[part] = (numbers[part] ?? 0) * 10 + byte - 0x30;
  }
  return { block: numbers[0] ?? 0, offset: numbers[1] ?? 0 };
}
