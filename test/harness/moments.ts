/** Random moments that can be had again: the seed stands in the titles of the tests and can be given back. */

import { randomInt } from 'node:crypto';

/** Of this run: `HOLDFAST_TEST_SEED`, else a new one. */
export const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? randomInt(1, 1_000_000));

/** `count` moments of an action that takes `lengthMs`: one at random in each of as many equal parts. */
export function randomMoments(count: number, lengthMs: number, salt: number): readonly number[] {
  const random = mulberry32(seed * 31 + salt);
  return Array.from({ length: count }, (_, part) => Math.round(((part + random()) / count) * lengthMs));
}

/** The generator Mulberry32, of T. Ettinger: 32 bits of state, good enough to choose moments. */
function mulberry32(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
