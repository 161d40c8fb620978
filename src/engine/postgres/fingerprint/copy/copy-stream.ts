/**
 * What a server sends in answer to `COPY … TO STDOUT` (PostgreSQL documentation, "Message Formats"): CopyData messages, which
 * go to the row hash without being taken apart here, and the few messages around them.
 */

import type { DatabaseError } from 'pg';
import { readErrorMessage } from '../../connection/error-message.ts';
import type { HashTotals, RowHasher } from '../row-hash/row-hasher.ts';
import { inputStart } from '../row-hash/row-hasher.ts';

const copyDataType = 'd'.charCodeAt(0);
const messageHeaderBytes = 5;

export class CopyStream {
  readonly #hasher: RowHasher;
  readonly #input: Uint8Array;
  #control: Buffer = Buffer.alloc(0);
  #serverRows: number | null = null;
  #error: DatabaseError | null = null;

  /** `memory` is the hasher's; it is used from `inputStart` to its end, but for the last bytes, which are only read. */
  constructor(hasher: RowHasher, memory: Uint8Array) {
    this.#hasher = hasher;
    this.#input = memory.subarray(inputStart, memory.length - 64);
    hasher.begin('rows');
  }

  /** True when the server is ready for the next statement. */
  take(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      const isData = this.#hasher.isInside() || (this.#control.length === 0 && chunk[at] === copyDataType);
      if (isData) {
        at += this.#takeData(chunk.subarray(at, at + this.#input.length));
        continue;
      }
      const part = this.#missing(chunk.length - at);
      this.#control = Buffer.concat([this.#control, chunk.subarray(at, at + part)]);
      at += part;
      if (this.#isWhole() && this.#endMessage()) return true;
    }
    return false;
  }

  /** After `take` was true. Throws the server's error, or one of our own when what came cannot be all. */
  result(): HashTotals {
    if (this.#error !== null) throw this.#error;
    this.#hasher.endRows();
    const fault = this.#hasher.fault();
    if (fault !== null) throw new Error(`the server sent ${fault}`);
    const totals = this.#hasher.totals();
    if (totals.count !== this.#serverRows) {
      throw new Error(`the server says it copied ${String(this.#serverRows)} rows, ${totals.count} arrived`);
    }
    return totals;
  }

  #takeData(part: Uint8Array): number {
    this.#input.set(part);
    const used = this.#hasher.takeCopyData(inputStart, part.length);
    const fault = this.#hasher.fault();
    if (fault !== null) throw new Error(`the server sent ${fault}`);
    return used;
  }

  /** How many of the bytes at hand belong to the message that is being put together. */
  #missing(available: number): number {
    const held = this.#control.length;
    const wanted = held < messageHeaderBytes ? messageHeaderBytes : 1 + this.#control.readUInt32BE(1);
    return Math.min(wanted - held, available);
  }

  #isWhole(): boolean {
    return this.#control.length >= messageHeaderBytes && this.#control.length === 1 + this.#control.readUInt32BE(1);
  }

  #endMessage(): boolean {
    const type = String.fromCharCode(this.#control[0] ?? 0);
    const body = this.#control.subarray(messageHeaderBytes);
    this.#control = Buffer.alloc(0);
    if (type === 'E') this.#error ??= readErrorMessage(body);
    if (type === 'C') this.#serverRows = Number(/^COPY (\d+)/.exec(body.toString('latin1'))?.[1]);
    return type === 'Z';
  }
}
