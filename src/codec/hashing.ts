/**
 * SHA-256 beside the main thread: one worker thread for the whole process, started with the first hasher. It keeps the
 * process alive only while a hasher waits for it.
 *
 * Each hasher has a few buffers of its own in shared memory: bytes are copied into them, the worker hashes a full one
 * while the next is filled. So memory is bounded, one answer is sent per buffer rather than per chunk, and no hasher
 * waits for another.
 */

import { Worker } from 'node:worker_threads';
import { messageOf } from '../domain/error.ts';
import { codecErrors } from './errors.ts';

export interface Hasher extends AsyncDisposable {
  /** Takes the bytes (they may be reused afterwards); resolves when there is room for more. */
  update(chunk: Uint8Array): Promise<void>;
  /** Hex. Ends the hasher. */
  digest(): Promise<string>;
}

export type ToWorker =
  | { readonly kind: 'bytes'; readonly hasher: number; readonly buffer: SharedArrayBuffer; readonly bytes: number }
  | { readonly kind: 'digest'; readonly hasher: number }
  | { readonly kind: 'drop'; readonly hasher: number };

export type FromWorker =
  | { readonly kind: 'free'; readonly hasher: number; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'digest'; readonly hasher: number; readonly hex: string };

const bufferBytes = 512 * 1024;
const buffersPerHasher = 3;

/** The hasher must end in `digest` or be disposed. */
export function startHasher(): Hasher {
  shared ??= new HashingThread();
  return new WorkerHasher(shared);
}

let shared: HashingThread | null = null;

class HashingThread {
  readonly #worker: Worker;
  readonly #hashers = new Map<number, WorkerHasher>();
  #nextNumber = 1;
  #unanswered = 0;

  constructor() {
    // Compiled, this file and its worker end in .js.
    const name = import.meta.url.endsWith('.ts') ? './hashing.worker.ts' : './hashing.worker.js';
    // Options meant for the main thread (`--input-type`) would stop the worker.
    this.#worker = new Worker(new URL(name, import.meta.url), { execArgv: [] });
    this.#worker.on('message', (message: FromWorker) => {
      this.#settle();
      this.#hashers.get(message.hasher)?.receive(message);
    });
    this.#worker.on('error', (cause) => {
      this.#fail(codecErrors.make('hashing-failed', `the hashing thread failed: ${messageOf(cause)}`, { cause }));
    });
    this.#worker.on('exit', () => {
      this.#fail(codecErrors.make('hashing-failed', 'the hashing thread ended'));
    });
    // Last: a listener for messages takes hold of the process again.
    this.#worker.unref();
  }

  add(hasher: WorkerHasher): number {
    const number = this.#nextNumber++;
    this.#hashers.set(number, hasher);
    return number;
  }

  remove(number: number): void {
    if (this.#hashers.delete(number)) this.#worker.postMessage({ kind: 'drop', hasher: number } satisfies ToWorker);
  }

  /** Sends what will be answered by one message. */
  ask(message: ToWorker): void {
    if (this.#unanswered === 0) this.#worker.ref();
    this.#unanswered += 1;
    this.#worker.postMessage(message);
  }

  #settle(): void {
    this.#unanswered -= 1;
    if (this.#unanswered === 0) this.#worker.unref();
  }

  #fail(reason: Error): void {
    if (shared === this) shared = null;
    for (const hasher of this.#hashers.values()) hasher.fail(reason);
    this.#hashers.clear();
  }
}

class WorkerHasher implements Hasher {
  readonly #thread: HashingThread;
  readonly #number: number;
  readonly #free: SharedArrayBuffer[] = [];
  #made = 0;
  #filling: Uint8Array<SharedArrayBuffer> | null = null;
  #filled = 0;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  #hex: string | null = null;

  constructor(thread: HashingThread) {
    this.#thread = thread;
    this.#number = thread.add(this);
  }

  async update(chunk: Uint8Array): Promise<void> {
    for (let taken = 0; taken < chunk.length; ) {
      const buffer = (this.#filling ??= await this.#takeBuffer());
      const part = chunk.subarray(taken, taken + buffer.length - this.#filled);
      buffer.set(part, this.#filled);
      taken += part.length;
      this.#filled += part.length;
      if (this.#filled === buffer.length) this.#send(buffer);
    }
  }

  async digest(): Promise<string> {
    if (this.#hex === null) {
      if (this.#filling !== null && this.#filled > 0) this.#send(this.#filling);
      if (this.#failure !== null) throw this.#failure;
      this.#thread.ask({ kind: 'digest', hasher: this.#number });
    }
    const hex = await this.#received();
    this.#thread.remove(this.#number);
    return hex;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#thread.remove(this.#number);
    if (this.#hex === null) this.fail(codecErrors.make('hashing-failed', 'the hasher was given up'));
    return Promise.resolve();
  }

  receive(message: FromWorker): void {
    if (message.kind === 'free') this.#free.push(message.buffer);
    else this.#hex = message.hex;
    this.#resume();
  }

  fail(reason: Error): void {
    this.#failure = reason;
    this.#resume();
  }

  #send(buffer: Uint8Array<SharedArrayBuffer>): void {
    if (this.#failure !== null) throw this.#failure;
    this.#thread.ask({ kind: 'bytes', hasher: this.#number, buffer: buffer.buffer, bytes: this.#filled });
    this.#filling = null;
    this.#filled = 0;
  }

  async #takeBuffer(): Promise<Uint8Array<SharedArrayBuffer>> {
    for (;;) {
      const free = this.#free.pop();
      if (free !== undefined) return new Uint8Array(free);
      if (this.#made < buffersPerHasher) {
        this.#made += 1;
        return new Uint8Array(new SharedArrayBuffer(bufferBytes));
      }
      await this.#answer();
    }
  }

  async #received(): Promise<string> {
    for (;;) {
      if (this.#hex !== null) return this.#hex;
      await this.#answer();
    }
  }

  /** Resolves with the next message for this hasher. */
  async #answer(): Promise<void> {
    if (this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
