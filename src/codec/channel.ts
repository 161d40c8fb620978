/** A bounded queue between a stage that writes and a stage that reads. */

interface Waiting<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

type Outcome = { readonly kind: 'ended' } | { readonly kind: 'failed'; readonly reason: unknown };

/**
 * A bounded queue between one or more writers and one reader. Items pushed before `end` are all delivered; `fail`
 * discards what is queued. When the reader leaves (breaks out of its loop, or `close`), waiting and later pushes
 * resolve to false, and the writer stops.
 */
export class Channel<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #outcome: Outcome | null = null;
  #closed = false;
  #reader: Waiting<IteratorResult<T, undefined>> | null = null;
  #writers: ((taken: boolean) => void)[] = [];

  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
  }

  /** Resolves when there is room for a next one; false when nobody will read it: stop. */
  push(item: T): Promise<boolean> {
    if (this.#closed || this.#outcome !== null) return Promise.resolve(false);
    const reader = this.#reader;
    if (reader !== null) {
      this.#reader = null;
      reader.resolve({ done: false, value: item });
      return Promise.resolve(true);
    }
    this.#items.push(item);
    if (this.#items.length < this.#capacity) return Promise.resolve(true);
    return new Promise((resolve) => this.#writers.push(resolve));
  }

  /** No more items; the reader gets those queued and then the end. */
  end(): void {
    this.#settle({ kind: 'ended' });
  }

  /** The reader gets this error next, instead of what is queued. */
  fail(reason: unknown): void {
    if (this.#outcome !== null || this.#closed) return;
    this.#items = [];
    this.#settle({ kind: 'failed', reason });
  }

  /** The reader's side: nothing will be read any more. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = null;
    this.#release(false);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift() as T;
      this.#release(true);
      return { done: false, value };
    }
    if (this.#outcome?.kind === 'failed') {
      const { reason } = this.#outcome;
      this.close();
      throw reason;
    }
    if (this.#closed || this.#outcome !== null) return { done: true, value: undefined };
    if (this.#reader !== null) throw new TypeError('a channel has one reader, one read at a time');
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== null || this.#closed) return;
    this.#outcome = outcome;
    const reader = this.#reader;
    this.#reader = null;
    if (outcome.kind === 'ended') reader?.resolve({ done: true, value: undefined });
    else reader?.reject(outcome.reason);
    this.#release(outcome.kind === 'ended');
  }

  #release(taken: boolean): void {
    if (this.#writers.length === 0) return;
    const writers = this.#writers;
    this.#writers = [];
    for (const resolve of writers) resolve(taken);
  }
}
