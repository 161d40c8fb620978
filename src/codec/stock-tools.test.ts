import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { frameBytes } from './frame-buffers.ts';
import { compressed, decompressed, lifelikeBytes } from '../../test/harness/stream-bytes.ts';

const large = lifelikeBytes(8 * 1024 * 1024 + 300_001);
const maxBuffer = 64 * 1024 * 1024;

function tool(command: string, args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync(command, args, { input, maxBuffer, stdio: ['pipe', 'pipe', 'pipe'] });
}

describe('stock zstd', () => {
  it('reads what we write', async () => {
    const plain = large.subarray(0, 2 * frameBytes + 11);
    const stored = Buffer.concat(await compressed(plain, { kind: 'zstd', level: 3 }));
    expect(tool('zstd', ['-d', '-c'], stored).equals(plain)).toBe(true);
  });

  it.each([
    ['-1'],
    ['-3'],
    ['-9'],
    ['--long=27', '-3'],
    ['--no-check', '-3'],
    ['--no-content-size', '-1'],
    ['--fast=5'],
    ['-T2', '-1'],
    ['--ultra', '-20', '--long=25'],
  ])('is read by us when it wrote with %s %s', async (...options) => {
    const plain = options.includes('--ultra') ? large.subarray(0, 3_000_000) : large;
    const args = [...options, '-c', `--stream-size=${String(plain.length)}`].filter(
      (one) => !(options.includes('--no-content-size') && one.startsWith('--stream-size')),
    );
    const stored = tool('zstd', args, plain);
    expect((await decompressed(stored, 'zstd', 300_000)).equals(plain)).toBe(true);
  });

  it('is read by us when its single large frame is joined with others', async () => {
    const ours = Buffer.concat(await compressed(large.subarray(0, 5), { kind: 'zstd', level: 3 }));
    const theirs = tool('zstd', ['-1', '-c'], large);
    const stored = Buffer.concat([ours, theirs, ours, theirs.subarray(0, 0), ours]);
    const plain = Buffer.concat([large.subarray(0, 5), large, large.subarray(0, 5), large.subarray(0, 5)]);
    for (const chunkBytes of [stored.length, 65_536, 4097]) {
      expect((await decompressed(stored, 'zstd', chunkBytes)).equals(plain)).toBe(true);
    }
  });

  it('is found damaged by us when its single large frame is cut off, altered or lengthened', async () => {
    const stored = tool('zstd', ['-1', '-c'], large);
    const altered = Buffer.from(stored);
    altered.writeUInt8(altered.readUInt8(stored.length >> 1) ^ 0x10, stored.length >> 1);
    const cases = [
      stored.subarray(0, stored.length - 1),
      stored.subarray(0, stored.length - 4),
      stored.subarray(0, stored.length >> 1),
      stored.subarray(0, 20),
      altered,
      Buffer.concat([stored, Buffer.from([0])]),
    ];
    for (const bytes of cases) {
      await expect(decompressed(bytes, 'zstd')).rejects.toMatchObject({ code: 'damaged-frame' });
    }
  });
});

describe('stock gzip', () => {
  it('reads what we write', async () => {
    const plain = large.subarray(0, 2 * frameBytes + 11);
    const stored = Buffer.concat(await compressed(plain, { kind: 'gzip', level: 6 }));
    expect(tool('gzip', ['-d', '-c'], stored).equals(plain)).toBe(true);
  });

  it.each(['-1', '-6', '-9'])('is read by us when it wrote with %s', async (level) => {
    const plain = large.subarray(0, 3_000_000);
    const stored = tool('gzip', [level, '-c'], plain);
    const joined = Buffer.concat([stored, stored]);
    for (const chunkBytes of [joined.length, stored.length, 10_007]) {
      expect((await decompressed(joined, 'gzip', chunkBytes)).equals(Buffer.concat([plain, plain]))).toBe(true);
    }
  });

  it('is found damaged by us when it is cut off, altered or lengthened', async () => {
    const stored = tool('gzip', ['-6', '-c'], large.subarray(0, 3_000_000));
    const altered = Buffer.from(stored);
    altered.writeUInt8(altered.readUInt8(stored.length >> 1) ^ 0x10, stored.length >> 1);
    for (const bytes of [stored.subarray(0, stored.length - 1), stored.subarray(0, 99_000), altered]) {
      await expect(decompressed(bytes, 'gzip')).rejects.toMatchObject({ code: 'damaged-frame' });
    }
    const longer = Buffer.concat([stored, Buffer.alloc(512)]);
    await expect(decompressed(longer, 'gzip')).rejects.toMatchObject({ code: 'damaged-frame' });
  });
});
