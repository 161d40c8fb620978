/**
 * XXH64 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), in 32-bit halves: JavaScript's own
 * 64-bit integers are many times slower. A value is two halves, of which a function takes both and returns the high one;
 * the low one is left in `low`.
 */

const [prime1High, prime1Low] = [0x9e3779b1 | 0, 0x85ebca87 | 0];
const [prime2High, prime2Low] = [0xc2b2ae3d | 0, 0x27d4eb4f | 0];
const [prime3High, prime3Low] = [0x165667b1 | 0, 0x9e3779f9 | 0];
const [prime4High, prime4Low] = [0x85ebca77 | 0, 0xc2b2ae63 | 0];
const [prime5High, prime5Low] = [0x27d4eb2f | 0, 0x165667c5 | 0];

let low = 0;

function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const first = Math.imul(a1, b0);
  const second = Math.imul(a0, b1);
  const carry = (Math.imul(a0, b0) >>> 16) + (first & 0xffff) + (second & 0xffff);
  const upper = (Math.imul(a1, b1) + (first >>> 16) + (second >>> 16) + (carry >>> 16)) | 0;
  low = Math.imul(aLow, bLow);
  return (upper + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
}

function add(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const sum = (aLow + bLow) | 0;
  low = sum;
  return (aHigh + bHigh + (sum >>> 0 < aLow >>> 0 ? 1 : 0)) | 0;
}

/** Rotates left by 1 to 31 bits. */
function rotate(high: number, lowHalf: number, bits: number): number {
  low = (lowHalf << bits) | (high >>> (32 - bits));
  return (high << bits) | (lowHalf >>> (32 - bits));
}

function round(laneHigh: number, laneLow: number, inputHigh: number, inputLow: number): number {
  let high = multiply(inputHigh, inputLow, prime2High, prime2Low);
  high = add(laneHigh, laneLow, high, low);
  high = rotate(high, low, 31);
  return multiply(high, low, prime1High, prime1Low);
}

function merge(hashHigh: number, hashLow: number, laneHigh: number, laneLow: number): number {
  const high = round(0, 0, laneHigh, laneLow);
  const product = multiply(hashHigh ^ high, hashLow ^ low, prime1High, prime1Low);
  return add(product, low, prime4High, prime4Low);
}

/** Sums of hashes modulo 2^64: equal for the same rows in any order. */
export interface HashSum {
  /** Adds the hash of the first `length` bytes of `words` (as a little-endian machine lays bytes into them). */
  add(words: Int32Array, length: number): void;
  /** 16 hex digits. */
  digest(): string;
}

export function startHashSum(): HashSum {
  let sumHigh = 0;
  let sumLow = 0;
  return {
    add: (words, length) => {
      const high = xxh64(words, length);
      sumHigh = add(sumHigh, sumLow, high, low);
      sumLow = low;
    },
    digest: () => [sumHigh, sumLow].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
  };
}

/** The high half of the hash; the low one is in `low`. */
function xxh64(words: Int32Array, length: number): number {
  const stripes = length >>> 5;
  const start = stripes > 0 ? hashStripes(words, stripes) : start5();
  let high = add(start, low, 0, length);
  high = hashWords(words, stripes * 8, length, high, low);
  high = hashBytes(words, length & ~3, length, high, low);
  return avalanche(high, low);
}

function start5(): number {
  low = prime5Low;
  return prime5High;
}

/** The four lanes of every 32 bytes. */
function hashStripes(words: Int32Array, stripes: number): number {
  let aHigh = add(prime1High, prime1Low, prime2High, prime2Low);
  let aLow = low;
  let [bHigh, bLow, cHigh, cLow] = [prime2High, prime2Low, 0, 0];
  let dHigh = add(~prime1High, ~prime1Low, 0, 1);
  let dLow = low;
  const end = stripes * 8;
  for (let at = 0; at < end; at += 8) {
    aHigh = round(aHigh, aLow, words[at + 1] ?? 0, words[at] ?? 0);
    aLow = low;
    bHigh = round(bHigh, bLow, words[at + 3] ?? 0, words[at + 2] ?? 0);
    bLow = low;
    cHigh = round(cHigh, cLow, words[at + 5] ?? 0, words[at + 4] ?? 0);
    cLow = low;
    dHigh = round(dHigh, dLow, words[at + 7] ?? 0, words[at + 6] ?? 0);
    dLow = low;
  }
  let high = rotate(aHigh, aLow, 1);
  high = addRotated(high, low, bHigh, bLow, 7);
  high = addRotated(high, low, cHigh, cLow, 12);
  high = addRotated(high, low, dHigh, dLow, 18);
  high = merge(high, low, aHigh, aLow);
  high = merge(high, low, bHigh, bLow);
  high = merge(high, low, cHigh, cLow);
  return merge(high, low, dHigh, dLow);
}

function addRotated(hashHigh: number, hashLow: number, laneHigh: number, laneLow: number, bits: number): number {
  const high = rotate(laneHigh, laneLow, bits);
  return add(hashHigh, hashLow, high, low);
}

/** What is left in units of eight bytes, then at most one of four. */
function hashWords(words: Int32Array, from: number, length: number, hashHigh: number, hashLow: number): number {
  let high = hashHigh;
  let lowHalf = hashLow;
  const whole = length >>> 2;
  let at = from;
  for (; at + 2 <= whole; at += 2) {
    const lane = round(0, 0, words[at + 1] ?? 0, words[at] ?? 0);
    high = rotate(high ^ lane, lowHalf ^ low, 27);
    high = multiply(high, low, prime1High, prime1Low);
    high = add(high, low, prime4High, prime4Low);
    lowHalf = low;
  }
  if (at < whole) {
    const product = multiply(0, words[at] ?? 0, prime1High, prime1Low);
    high = rotate(high ^ product, lowHalf ^ low, 23);
    high = multiply(high, low, prime2High, prime2Low);
    high = add(high, low, prime3High, prime3Low);
    lowHalf = low;
  }
  low = lowHalf;
  return high;
}

/** The last one to three bytes. */
function hashBytes(words: Int32Array, from: number, length: number, hashHigh: number, hashLow: number): number {
  let high = hashHigh;
  let lowHalf = hashLow;
  const word = words[from >>> 2] ?? 0;
  for (let at = from; at < length; at += 1) {
    const product = multiply(0, (word >>> ((at & 3) * 8)) & 0xff, prime5High, prime5Low);
    high = rotate(high ^ product, lowHalf ^ low, 11);
    high = multiply(high, low, prime1High, prime1Low);
    lowHalf = low;
  }
  low = lowHalf;
  return high;
}

function avalanche(hashHigh: number, hashLow: number): number {
  // Shifts right by 33, 29 and 32 bits.
  let high = multiply(hashHigh, hashLow ^ (hashHigh >>> 1), prime2High, prime2Low);
  high = multiply(high ^ (high >>> 29), low ^ ((low >>> 29) | (high << 3)), prime3High, prime3Low);
  low ^= high;
  return high;
}
