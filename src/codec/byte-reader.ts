/** Reads a stream of chunks by lengths: so many bytes at once, or passed on as they come. */

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** The next bytes, a copy; fewer than asked for only where the stream ends. */
  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0; ) {
      const part = await this.#next(missing);
      if (part === null) break;
      parts.push(Buffer.from(part));
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** The next bytes as views, each valid until the next is asked for; fewer only where the stream ends. */
  async *pass(count: number): AsyncGenerator<Uint8Array, void> {
    for (let missing = count; missing > 0; ) {
      const part = await this.#next(missing);
      if (part === null) return;
      missing -= part.length;
      yield part;
    }
  }

  /** Closes the stream, read to its end or not. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(atMost: number): Promise<Uint8Array | null> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return null;
      this.#held = next.value;
    }
    const part = this.#held.subarray(0, atMost);
    this.#held = this.#held.subarray(part.length);
    return part;
  }
}
