/**
 * Joints between stages. Nothing here buffers more than it was told to, nothing is lost in silence: a stream ends
 * only when its source ended, everything else is an error for whoever reads.
 */

import { HoldfastError } from '../domain/error.ts';
import { codecErrors } from './errors.ts';

export { Channel } from './channel.ts';

interface Waiting<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

type Outcome = { readonly kind: 'ended' } | { readonly kind: 'failed'; readonly reason: unknown };

export interface FanOut extends AsyncDisposable {
  readonly branches: readonly AsyncIterable<Uint8Array>[];
}

/**
 * Gives every chunk of the source to each of `count` branches. The next chunk is read when every branch has asked for
 * it: the slowest paces all, nothing is queued, and a source may reuse its buffer (a chunk belongs to the reader until
 * its next pull).
 *
 * All branches must be read. When the source throws, each branch throws the same. When one branch is left early
 * (`break`, a throw in its loop, `return()`), the source is closed and the others throw `branch-left`, never a quiet
 * end: they would take the part for the whole. Disposing the fan-out gives up branches
 * nobody will read. Each branch can be iterated once. `readTogether` does all of that.
 */
export function fanOut(source: AsyncIterable<Uint8Array>, count: number): FanOut {
  const core = new FanOutCore(source, count);
  return {
    branches: Array.from({ length: count }, (_, index) => ({ [Symbol.asyncIterator]: () => core.branch(index) })),
    [Symbol.asyncDispose]: () => core.leave(),
  };
}

/** The results of readers, in their order. */
export type ReaderResults<T extends readonly ((branch: AsyncIterable<Uint8Array>) => Promise<unknown>)[]> = {
  -readonly [K in keyof T]: Awaited<ReturnType<T[K]>>;
};

/**
 * Runs several readers over one source, each with a branch of `fanOut`. A reader that fails, or ends before the
 * source does, ends all; the error thrown is the one that began it, not its echo (`branch-left`) in the others.
 */
export async function readTogether<
  const T extends readonly ((branch: AsyncIterable<Uint8Array>) => Promise<unknown>)[],
>(source: AsyncIterable<Uint8Array>, readers: T): Promise<ReaderResults<T>> {
  await using shared = fanOut(source, readers.length);
  const reasons: unknown[] = [];
  const results = await Promise.all(
    shared.branches.map(async (branch, index) => {
      try {
        return await readers[index]?.(branch);
      } catch (reason) {
        reasons.push(reason);
        return undefined;
      } finally {
        // After the end this does nothing; before it, nobody may wait for a reader that is gone.
        await shared[Symbol.asyncDispose]();
      }
    }),
  );
  if (reasons.length > 0) throw reasons.find((reason) => !isEcho(reason)) ?? reasons[0];
  return results as ReaderResults<T>;
}

function isEcho(reason: unknown): boolean {
  return reason instanceof HoldfastError && reason.code === 'branch-left';
}

type Result = IteratorResult<Uint8Array, undefined>;
const done: Result = { done: true, value: undefined };

class FanOutCore {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #waiting: (Waiting<Result> | null)[];
  readonly #taken: boolean[];
  #asking = 0;
  #outcome: Outcome | null = null;

  constructor(source: AsyncIterable<Uint8Array>, count: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#waiting = Array.from({ length: count }, () => null);
    this.#taken = Array.from({ length: count }, () => false);
  }

  branch(index: number): AsyncIterator<Uint8Array, undefined> {
    if (this.#taken[index] === true) throw new TypeError('a branch can be iterated once');
    this.#taken[index] = true;
    let over = false;
    return {
      next: async () => {
        if (over) return done;
        const result = await this.#ask(index);
        over = result.done === true;
        return result;
      },
      return: async () => {
        if (!over) await this.leave();
        over = true;
        return done;
      },
    };
  }

  /** Ends everything before its time; after the end it does nothing. */
  async leave(): Promise<void> {
    if (this.#outcome !== null) return;
    this.#settle({ kind: 'failed', reason: codecErrors.make('branch-left', 'another reader of the stream stopped') });
    // Closing a source that is just being read waits for that read, which may never end: its owner closes it then.
    const closing = this.#source.return?.();
    if (closing === undefined) return;
    if (this.#asking < this.#waiting.length) await closing;
    else closing.catch(() => undefined);
  }

  async #ask(index: number): Promise<Result> {
    if (this.#outcome?.kind === 'ended') return done;
    if (this.#outcome?.kind === 'failed') throw this.#outcome.reason;
    return new Promise((resolve, reject) => {
      this.#waiting[index] = { resolve, reject };
      this.#asking += 1;
      if (this.#asking === this.#waiting.length) void this.#read();
    });
  }

  async #read(): Promise<void> {
    try {
      const result = await this.#source.next();
      if (this.#outcome !== null) return;
      if (result.done === true) this.#settle({ kind: 'ended' });
      else for (const reader of this.#takeWaiting()) reader.resolve({ done: false, value: result.value });
    } catch (reason) {
      this.#settle({ kind: 'failed', reason });
    }
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== null) return;
    this.#outcome = outcome;
    for (const reader of this.#takeWaiting(true)) {
      if (outcome.kind === 'ended') reader.resolve(done);
      else reader.reject(outcome.reason);
    }
  }

  #takeWaiting(last = false): readonly Waiting<Result>[] {
    const readers = this.#waiting.filter((one) => one !== null);
    this.#waiting.fill(null);
    if (!last) this.#asking = 0;
    return readers;
  }
}
