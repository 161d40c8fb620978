import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startHashSum } from './xxh64.ts';

const mask = 0xffff_ffff_ffff_ffffn;
const [p1, p2, p3, p4, p5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;

test.each([
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['abc', '44bc2cf5ad770999'],
  ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
])('the hash of "%s" is the published one', (text, expected) => {
  expect(hash(Buffer.from(text))).toBe(expected);
});

test('every length gives the hash of the specification, written plainly with 64-bit integers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(hash(bytes)).toBe(plainXxh64(bytes).toString(16).padStart(16, '0'));
    }),
    { numRuns: 500 },
  );
});

test('a sum does not depend on the order, and equal rows do not cancel each other', () => {
  expect(sum(['x', 'y', 'y'])).toBe(sum(['y', 'x', 'y']));
  expect(sum(['x', 'y', 'y'])).not.toBe(sum(['x']));
  const total = ['x', 'y', 'y'].reduce((all, text) => (all + plainXxh64(Buffer.from(text))) & mask, 0n);
  expect(sum(['x', 'y', 'y'])).toBe(total.toString(16).padStart(16, '0'));
});

function hash(bytes: Uint8Array): string {
  const all = startHashSum();
  all.add(wordsOf(bytes), bytes.length);
  return all.digest();
}

function sum(texts: readonly string[]): string {
  const all = startHashSum();
  for (const text of texts) all.add(wordsOf(Buffer.from(text)), text.length);
  return all.digest();
}

/** Bytes after the end must not matter. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const buffer = new Uint8Array(bytes.length + 64 - (bytes.length % 4)).fill(0xa5);
  buffer.set(bytes);
  return new Int32Array(buffer.buffer);
}

function plainXxh64(bytes: Uint8Array): bigint {
  const view = Buffer.from(bytes);
  const rotate = (x: bigint, bits: bigint) => ((x << bits) | (x >> (64n - bits))) & mask;
  const round = (lane: bigint, input: bigint) => (rotate((lane + input * p2) & mask, 31n) * p1) & mask;
  let at = 0;
  let h: bigint = p5;
  if (view.length >= 32) {
    const lanes = [(p1 + p2) & mask, p2, 0n, -p1 & mask];
    for (; at + 32 <= view.length; at += 32) {
      for (const [i, lane] of lanes.entries()) lanes[i] = round(lane, view.readBigUInt64LE(at + i * 8));
    }
    h = lanes.reduce((all, lane, i) => (all + rotate(lane, [1n, 7n, 12n, 18n][i] ?? 0n)) & mask, 0n);
    for (const lane of lanes) h = ((h ^ round(0n, lane)) * p1 + p4) & mask;
  }
  h = (h + BigInt(view.length)) & mask;
  for (; at + 8 <= view.length; at += 8) h = (rotate(h ^ round(0n, view.readBigUInt64LE(at)), 27n) * p1 + p4) & mask;
  for (; at + 4 <= view.length; at += 4) {
    h = (rotate(h ^ ((BigInt(view.readUInt32LE(at)) * p1) & mask), 23n) * p2 + p3) & mask;
  }
  for (; at < view.length; at += 1) h = (rotate(h ^ ((BigInt(view[at] ?? 0) * p5) & mask), 11n) * p1) & mask;
  h = ((h ^ (h >> 33n)) * p2) & mask;
  h = ((h ^ (h >> 29n)) * p3) & mask;
  return h ^ (h >> 32n);
}
