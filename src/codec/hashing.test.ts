import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lifelikeBytes } from '../../test/harness/stream-bytes.ts';
import { startHasher } from './hashing.ts';

const run = promisify(execFile);

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('startHasher', () => {
  it('computes SHA-256 whatever the chunks, and lets them be reused at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), async (chunks) => {
        const expected = sha256(Buffer.concat(chunks));
        await using hasher = startHasher();
        for (const chunk of chunks) {
          await hasher.update(chunk);
          chunk.fill(0xee);
        }
        expect(await hasher.digest()).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('serves several hashers at once, each with more bytes than its buffers hold', async () => {
    const plains = [1, 2, 3, 4].map((seed) => lifelikeBytes(2_500_000 + seed, seed));
    const hashers = plains.map(() => startHasher());
    for (let start = 0; start < 2_600_000; start += 100_000) {
      const part = (index: number): Uint8Array => (plains[index] ?? Buffer.alloc(0)).subarray(start, start + 100_000);
      await Promise.all(hashers.map((hasher, index) => hasher.update(part(index))));
    }
    expect(await Promise.all(hashers.map((hasher) => hasher.digest()))).toEqual(plains.map(sha256));
  });

  it('gives the same digest again', async () => {
    const hasher = startHasher();
    await hasher.update(Buffer.from('abc'));
    expect(await hasher.digest()).toBe(sha256(Buffer.from('abc')));
    expect(await hasher.digest()).toBe(sha256(Buffer.from('abc')));
  });

  it('fails whoever still waits for one that is disposed', async () => {
    const hasher = startHasher();
    const waiting = hasher.digest();
    await hasher[Symbol.asyncDispose]();
    await expect(waiting).rejects.toMatchObject({ code: 'hashing-failed' });
    await expect(hasher.digest()).rejects.toMatchObject({ code: 'hashing-failed' });
  });

  it('hashes nothing at all', async () => {
    expect(await startHasher().digest()).toBe(sha256(Buffer.alloc(0)));
  });

  it('keeps the process alive until the digest is there, and not longer', async () => {
    const url = JSON.stringify(new URL('./hashing.ts', import.meta.url).href);
    const script = `
      const { startHasher } = await import(${url});
      const hasher = startHasher();
      await hasher.update(Buffer.alloc(3_000_000, 7));
      console.log(await hasher.digest());
      const left = startHasher();
      await left.update(Buffer.alloc(10));
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
    expect(stdout.trim()).toBe(sha256(Buffer.alloc(3_000_000, 7)));
  });
});
