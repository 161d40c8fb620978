/** Cuts a stream of chunks of any size into frames of 2 MiB, in buffers that go round. */

/** Plain bytes of every frame but the last (design, "Repository format"). */
export const frameBytes = 2 * 1024 * 1024;

/** Buffers of one size, made when first needed and used again. */
export class BufferPool {
  readonly #sizeBytes: number;
  readonly #free: Buffer[] = [];

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#sizeBytes);
  }

  /** Gives back a buffer, or the part of it that was used. */
  release(used: Buffer): void {
    this.#free.push(Buffer.from(used.buffer, 0, this.#sizeBytes));
  }
}

/** The frames in order; each is the reader's until it releases it. No bytes at all make one empty frame. */
export async function* cutFrames(bytes: AsyncIterable<Uint8Array>, pool: BufferPool): AsyncGenerator<Buffer> {
  let buffer = pool.take();
  let filled = 0;
  let frames = 0;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + frameBytes - filled);
      buffer.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < frameBytes) continue;
      yield buffer;
      frames += 1;
      buffer = pool.take();
      filled = 0;
    }
  }
  if (filled > 0 || frames === 0) yield buffer.subarray(0, filled);
}
