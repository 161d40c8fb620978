/**
 * Parses an archive and hashes its rows while its bytes go elsewhere. The caller's thread only copies them into a ring
 * of slots in shared memory; a worker thread does the rest, in the same memory. When all slots are full, `push` waits.
 */

import { Worker } from 'node:worker_threads';
import { createHashMemory, inputStart } from '../fingerprint/row-hash/row-hasher.ts';
import { unpackError } from '../fingerprint/sent-error.ts';
import { workerUrl } from '../fingerprint/worker-url.ts';
import type { ArchiveScan } from './archive-scan.ts';
import type { ScanReply, ScanRequest, ScanWorkerData } from './scan-messages.ts';
import type { ArchiveToc } from './toc.ts';

export type { ArchiveScan } from './archive-scan.ts';

export interface ArchiveScanner extends AsyncDisposable {
  /**
   * Takes the next bytes; resolves once they are copied. One call at a time. Throws `damaged-archive` or
   * `unsupported-archive` as soon as the worker found it.
   */
  push(chunk: Uint8Array): Promise<void>;
  /** Resolves as soon as the head has been read; rejects when it cannot be. */
  readonly toc: Promise<ArchiveToc>;
  /** After the last byte. Throws `damaged-archive` unless the archive ended exactly where it should. */
  finish(): Promise<ArchiveScan>;
}

export interface ArchiveScannerOptions {
  /** False only counts rows. */
  readonly hashRows: boolean;
  readonly signal: AbortSignal;
}

const slotBytes = 1024 * 1024;
const slotCount = 6;
/** The search for newlines reads a little beyond a slot's end: slots keep a distance, so that no thread reads where another writes. */
const slotDistance = slotBytes + 64;

export function startArchiveScanner(options: ArchiveScannerOptions): ArchiveScanner {
  return new RunningScanner(options);
}

class RunningScanner implements ArchiveScanner {
  readonly toc: Promise<ArchiveToc>;
  readonly #worker: Worker;
  readonly #memory: Uint8Array;
  readonly #signal: AbortSignal;
  readonly #free: number[] = Array.from({ length: slotCount }, (_, index) => index);
  readonly #gotToc = Promise.withResolvers<ArchiveToc>();
  readonly #gotScan = Promise.withResolvers<ArchiveScan>();
  #slotFreed = Promise.withResolvers<undefined>();
  #current: number | null = null;
  #filled = 0;
  #tocKnown = false;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  readonly #onAbort = (): void => {
    this.#fail(this.#signal.reason);
  };

  constructor({ hashRows, signal }: ArchiveScannerOptions) {
    signal.throwIfAborted();
    const memory = createHashMemory(slotCount * slotDistance);
    this.#memory = new Uint8Array(memory.buffer);
    this.#signal = signal;
    this.toc = this.#gotToc.promise;
    // Whoever does not ask for them must not be killed by their failing: `push` and `finish` tell it as well.
    this.toc.catch(() => undefined);
    this.#gotScan.promise.catch(() => undefined);
    const workerData: ScanWorkerData = { memory, hashRows };
    this.#worker = new Worker(workerUrl('scan.worker', import.meta.url), { workerData, execArgv: [] });
    this.#worker.on('message', (reply: ScanReply) => {
      this.#hear(reply);
    });
    this.#worker.on('error', (error) => {
      this.#fail(error);
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('the archive scanner ended before its work'));
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async push(chunk: Uint8Array): Promise<void> {
    let at = 0;
    while (at < chunk.length) {
      const slot = await this.#slot();
      const part = chunk.subarray(at, at + slotBytes - this.#filled);
      this.#memory.set(part, slotPosition(slot) + this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === slotBytes) this.#send();
    }
    this.#throwFailure();
    this.#sendWhileHeadIsRead();
  }

  async finish(): Promise<ArchiveScan> {
    this.#throwFailure();
    if (this.#filled > 0) this.#send();
    this.#ask({ kind: 'finish' });
    const scan = await this.#gotScan.promise;
    await this[Symbol.asyncDispose]();
    return scan;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#fail(new Error('the archive scanner was closed'));
    await this.#worker.terminate();
  }

  async #slot(): Promise<number> {
    this.#throwFailure();
    while (this.#current === null) {
      const slot = this.#free.pop();
      if (slot === undefined) await this.#slotFreed.promise;
      else this.#current = slot;
      this.#throwFailure();
    }
    return this.#current;
  }

  #send(): void {
    if (this.#current === null) return;
    this.#ask({ kind: 'take', slot: this.#current, position: slotPosition(this.#current), length: this.#filled });
    this.#current = null;
    this.#filled = 0;
  }

  /** Full slots are cheaper; but somebody may be waiting for the head before the next bytes can come. */
  #sendWhileHeadIsRead(): void {
    const idle = this.#free.length + (this.#current === null ? 0 : 1) === slotCount;
    if (!this.#tocKnown && idle && this.#filled > 0) this.#send();
  }

  #ask(request: ScanRequest): void {
    this.#worker.postMessage(request);
  }

  #hear(reply: ScanReply): void {
    switch (reply.kind) {
      case 'taken':
        this.#free.push(reply.slot);
        this.#wake();
        this.#sendWhileHeadIsRead();
        break;
      case 'toc':
        this.#tocKnown = true;
        this.#gotToc.resolve(reply.toc);
        break;
      case 'scan':
        this.#gotScan.resolve(reply.scan);
        break;
      case 'failed':
        this.#fail(unpackError(reply.error));
        break;
    }
  }

  #wake(): void {
    this.#slotFreed.resolve(undefined);
    this.#slotFreed = Promise.withResolvers<undefined>();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#gotToc.reject(this.#failure.error);
    this.#gotScan.reject(this.#failure.error);
    this.#wake();
    if (!this.#ended) {
      this.#ended = true;
      void this.#worker.terminate();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

function slotPosition(slot: number): number {
  return inputStart + slot * slotDistance;
}
