import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Compression } from '../domain/artifact.ts';
import { frameBytes } from './frame-buffers.ts';
import { compressFrames, decompressFrames } from './frames.ts';
import {
  collected,
  compressed,
  decompressed,
  inChunks,
  lifelikeBytes,
  neverAborted,
  silent,
} from '../../test/harness/stream-bytes.ts';

const zstd: Compression = { kind: 'zstd', level: 3 };
const gzip: Compression = { kind: 'gzip', level: 1 };
const boundaries = [0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 2 * frameBytes, 2 * frameBytes + 1];

describe.each([zstd, gzip, { kind: 'none' }] as const)('frames of $kind', (compression) => {
  it.each(boundaries)('give back %i bytes, cut into frames of 2 MiB', async (length) => {
    const plain = lifelikeBytes(length);
    const frames = await compressed(plain, compression);
    expect(frames).toHaveLength(Math.max(1, Math.ceil(length / frameBytes)));
    const back = await decompressed(Buffer.concat(frames), compression.kind);
    expect(back.equals(plain)).toBe(true);
  });

  it('give back any bytes in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 4000 }),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 700 }),
        async (plain, written, read) => {
          const stored = Buffer.concat(await compressed(plain, compression, written));
          expect(await decompressed(stored, compression.kind, read)).toEqual(Buffer.from(plain));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('say how many plain bytes each holds', async () => {
    const sizes: number[] = [];
    const source = inChunks(lifelikeBytes(frameBytes + 5), 100_000);
    for await (const frame of compressFrames(source, compression, { signal: neverAborted }))
      sizes.push(frame.plainBytes);
    expect(sizes).toEqual([frameBytes, 5]);
  });

  it('throw what the source throws', async () => {
    const failure = new Error('the source broke');
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(lifelikeBytes(10));
      throw failure;
    }
    const reading = collected(compressFrames(source(), compression, { signal: neverAborted }));
    await expect(reading).rejects.toBe(failure);
    const decoding = collected(decompressFrames(source(), compression.kind, { signal: neverAborted }));
    await expect(decoding).rejects.toThrow();
  });
});

describe('compressFrames', () => {
  it('closes its source when the reader leaves', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(frameBytes));
      } finally {
        closed = true;
      }
    }
    for await (const frame of compressFrames(source(), zstd, { signal: neverAborted })) {
      expect(frame.plainBytes).toBe(frameBytes);
      break;
    }
    await expect.poll(() => closed).toBe(true);
  });

  it('stops with the reason of the signal although its source says nothing', async () => {
    const controller = new AbortController();
    const reading = collected(compressFrames(silent, zstd, { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it('reads no further ahead than its concurrency while nobody takes frames', async () => {
    let given = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; given < 50; given += 1) yield await Promise.resolve(Buffer.alloc(frameBytes));
    }
    const frames = compressFrames(source(), zstd, { signal: neverAborted, concurrency: 3 })[Symbol.asyncIterator]();
    await frames.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(given).toBeLessThanOrEqual(5);
    await frames.return(undefined);
  });

  it('says which level the library refused', async () => {
    await expect(compressed(Buffer.alloc(1), { kind: 'gzip', level: 77 })).rejects.toMatchObject({
      code: 'compression-failed',
    });
  });

  it('makes zstd frames that state their size and carry a checksum', async () => {
    for (const length of [0, 1, 300, 70_000]) {
      const [frame] = await compressed(lifelikeBytes(length), zstd);
      const descriptor = frame?.readUInt8(4) ?? 0;
      expect(descriptor & 0b100).toBe(0b100);
      expect(descriptor >>> 6 !== 0 || (descriptor & 0b100000) !== 0).toBe(true);
    }
  });
});
