import { describe, expect, it } from 'vitest';
import { compressed, decompressed, lifelikeBytes } from '../../test/harness/stream-bytes.ts';

const plains = [lifelikeBytes(60), Buffer.alloc(0), lifelikeBytes(140, 5)];
const plain = Buffer.concat(plains);

async function severalFrames(kind: 'zstd' | 'gzip'): Promise<readonly Buffer[]> {
  return (await Promise.all(plains.map((part) => compressed(part, { kind, level: 1 })))).flat();
}

const skippable = Buffer.from('5a2a4d18 03000000 010203'.replaceAll(' ', ''), 'hex');

describe.each(['zstd', 'gzip'] as const)('damaged %s', (kind) => {
  it('is found at every place where a file of several frames can be cut off', async () => {
    const frames = await severalFrames(kind);
    const stored = Buffer.concat(frames);
    const [first, second] = frames;
    const boundaries = [first?.length ?? 0, (first?.length ?? 0) + (second?.length ?? 0)];
    for (let length = 0; length < stored.length; length += 1) {
      if (boundaries.includes(length)) continue;
      await expect(decompressed(stored.subarray(0, length), kind, 97), String(length)).rejects.toMatchObject({
        code: 'damaged-frame',
      });
    }
  });

  it('is found, or does no harm, whichever single bit is flipped', async () => {
    const stored = Buffer.concat(await severalFrames(kind));
    let harmless = 0;
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const altered = Buffer.from(stored);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const outcome = await decompressed(altered, kind).catch((error: unknown) => error as { code: string });
      if (Buffer.isBuffer(outcome)) {
        expect(outcome.equals(plain), `bit ${String(bit)}`).toBe(true);
        harmless += 1;
      } else {
        expect(['damaged-frame', 'unsupported-frame'], `bit ${String(bit)}`).toContain(outcome.code);
      }
    }
    expect(harmless).toBeLessThan(stored.length);
  }, 60_000);

  it.each(['00', '0000000000000000', '1f', '1f8b', '28b52f', 'ff', '61736466'])(
    'is found when %s is appended, in the same chunk or a later one',
    async (hex) => {
      const stored = Buffer.concat(await severalFrames(kind));
      const longer = Buffer.concat([stored, Buffer.from(hex, 'hex')]);
      for (const chunkBytes of [longer.length, stored.length, 1]) {
        await expect(decompressed(longer, kind, chunkBytes), String(chunkBytes)).rejects.toMatchObject({
          code: 'damaged-frame',
        });
      }
    },
  );

  it('is found when bytes stand between two frames', async () => {
    const [first = Buffer.alloc(0), ...rest] = await severalFrames(kind);
    for (const between of ['00', 'aa', '0000000000']) {
      const stored = Buffer.concat([first, Buffer.from(between, 'hex'), ...rest]);
      await expect(decompressed(stored, kind, first.length)).rejects.toMatchObject({ code: 'damaged-frame' });
      await expect(decompressed(stored, kind)).rejects.toMatchObject({ code: 'damaged-frame' });
    }
  });

  it('is found when there is nothing at all', async () => {
    await expect(decompressed(Buffer.alloc(0), kind)).rejects.toMatchObject({ code: 'damaged-frame' });
  });

  it('is found when it is something else', async () => {
    await expect(decompressed(Buffer.from('PGDMP and so on'), kind)).rejects.toMatchObject({ code: 'damaged-frame' });
  });

  it('is read correctly whatever the chunks, when it is not damaged', async () => {
    const frames = await severalFrames(kind);
    const stored = Buffer.concat(frames);
    for (const chunkBytes of [1, 2, 3, 7, frames[0]?.length ?? 0, stored.length]) {
      expect((await decompressed(stored, kind, chunkBytes)).equals(plain)).toBe(true);
    }
  });
});

describe('zstd', () => {
  it('lets skippable frames pass, wherever they stand', async () => {
    const [first = Buffer.alloc(0), ...rest] = await severalFrames('zstd');
    const stored = Buffer.concat([skippable, first, skippable, skippable, ...rest, skippable]);
    for (const chunkBytes of [1, 5, stored.length]) {
      expect((await decompressed(stored, 'zstd', chunkBytes)).equals(plain)).toBe(true);
    }
  });

  it('is damaged when a skippable frame is cut off, or is all there is', async () => {
    const [first = Buffer.alloc(0)] = await severalFrames('zstd');
    for (let length = 1; length < skippable.length; length += 1) {
      const stored = Buffer.concat([first, skippable.subarray(0, length)]);
      await expect(decompressed(stored, 'zstd')).rejects.toMatchObject({ code: 'damaged-frame' });
    }
    await expect(decompressed(skippable, 'zstd')).rejects.toMatchObject({ code: 'damaged-frame' });
  });

  it('refuses a frame that needs more memory than is allowed, and one with a dictionary', async () => {
    // Descriptor 0: no content size, so the window descriptor says 2 GiB; then an empty last block.
    const wide = Buffer.from('28b52ffd00a8010000', 'hex');
    await expect(decompressed(wide, 'zstd')).rejects.toMatchObject({ code: 'unsupported-frame' });
    const dictionary = Buffer.from('28b52ffd2107000101', 'hex');
    await expect(decompressed(dictionary, 'zstd')).rejects.toMatchObject({ code: 'unsupported-frame' });
  });

  it('is damaged when a frame holds fewer bytes than it states', async () => {
    // Single segment, content size 5, one raw last block of 2 bytes, no checksum.
    const short = Buffer.from('28b52ffd2005110000aabb', 'hex');
    await expect(decompressed(short, 'zstd')).rejects.toMatchObject({ code: 'damaged-frame' });
  });
});
