/** One worker thread of the copy reader, seen from the thread that started it. Takes one request at a time. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CopyReply, CopyRequest, CopyWorkerData } from './copy-messages.ts';
import type { HashableTable } from './copy-query.ts';
import { unpackError } from '../sent-error.ts';
import { workerUrl } from '../worker-url.ts';

const closePatienceMs = 5000;

export class CopyWorker implements AsyncDisposable {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<CopyReply> | null = null;
  #failure: Error | null = null;
  #hasExited = false;

  constructor(data: CopyWorkerData) {
    this.#worker = new Worker(workerUrl('copy.worker', import.meta.url), { workerData: data, execArgv: [] });
    this.#worker.on('message', (reply: CopyReply) => {
      if (reply.kind === 'failed') this.#fail(unpackError(reply.error));
      else this.#waiting?.resolve(reply);
    });
    this.#worker.on('error', (error: Error) => {
      this.#fail(error);
    });
    this.#worker.on('exit', () => {
      this.#hasExited = true;
      this.#fail(new Error('a thread that compares tables ended before its work'));
    });
  }

  /** Bytes on disk of each table; 0 for one that is not there. */
  async measure(tables: readonly HashableTable[]): Promise<readonly number[]> {
    const reply = await this.#ask({ kind: 'measure', tables });
    return reply.kind === 'measured' ? reply.bytes : [];
  }

  async hash(index: number, table: HashableTable): Promise<{ readonly rows: number; readonly sum: bigint }> {
    const reply = await this.#ask({ kind: 'hash', index, table });
    if (reply.kind !== 'hashed' || reply.index !== index) throw new Error('a thread answered something else');
    return { rows: reply.rows, sum: reply.sum };
  }

  /** Cancels the running statement; what is being waited for rejects. */
  stop(reason: Error): void {
    this.#worker.postMessage({ kind: 'stop', reason: reason.message } satisfies CopyRequest);
    this.#fail(reason);
  }

  /** Ends the session first, so that the server hears of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasExited) {
      const exited = once(this.#worker, 'exit');
      this.#worker.postMessage({ kind: 'close' } satisfies CopyRequest);
      const patience = setTimeout(() => {
        void this.#worker.terminate();
      }, closePatienceMs);
      await exited;
      clearTimeout(patience);
    }
  }

  async #ask(request: CopyRequest): Promise<CopyReply> {
    if (this.#failure !== null) throw this.#failure;
    this.#waiting = Promise.withResolvers<CopyReply>();
    this.#worker.postMessage(request);
    return this.#waiting.promise;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
  }
}
