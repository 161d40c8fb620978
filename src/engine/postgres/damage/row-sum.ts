/** Hashes rows on a thread of its own while they go elsewhere: the sum that a fingerprint keeps of a table. */

import { Worker } from 'node:worker_threads';
import { workerUrl } from '../fingerprint/worker-url.ts';

export type SumRequest =
  | { readonly kind: 'begin' }
  | { readonly kind: 'rows'; readonly rows: Uint8Array }
  | { readonly kind: 'end' };

export type SumReply =
  | { readonly kind: 'taken' }
  | { readonly kind: 'sum'; readonly rows: number; readonly sum: bigint; readonly fault: string | null };

export interface RowSum {
  readonly rows: number;
  /** Modulo 2^64. */
  readonly sum: bigint;
}

export class RowSummer implements AsyncDisposable {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<SumReply> | null = null;
  #failure: Error | null = null;

  constructor() {
    this.#worker = new Worker(workerUrl('row-sum.worker', import.meta.url), { execArgv: [] });
    this.#worker.on('message', (reply: SumReply) => {
      this.#waiting?.resolve(reply);
    });
    this.#worker.on('error', (error: Error) => {
      this.#fail(error);
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('the thread that hashes rows ended before its work'));
    });
  }

  begin(): void {
    this.#worker.postMessage({ kind: 'begin' } satisfies SumRequest);
  }

  /** Whole rows in COPY's text form. Resolves when they are hashed. */
  async push(rows: Uint8Array): Promise<void> {
    await this.#ask({ kind: 'rows', rows });
  }

  async end(): Promise<RowSum> {
    const reply = await this.#ask({ kind: 'end' });
    if (reply.kind !== 'sum' || reply.fault !== null) {
      throw new Error(`rows could not be hashed: ${reply.kind === 'sum' ? (reply.fault ?? '') : 'no sum'}`);
    }
    return { rows: reply.rows, sum: BigInt.asUintN(64, reply.sum) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask(request: SumRequest): Promise<SumReply> {
    if (this.#failure !== null) throw this.#failure;
    this.#waiting = Promise.withResolvers<SumReply>();
    this.#worker.postMessage(request);
    return await this.#waiting.promise;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
  }
}
