/**
 * AssemblyScript, compiled to WebAssembly by scripts/generate-row-hash.ts: takes bytes as they come (a pg_dump archive's data
 * block, or the server's CopyData messages), cuts them into rows, and adds up the XXH64 (seed 0) of each row's text
 * without its newline, modulo 2^64. All state survives any cut of the input, so no row is ever held.
 *
 * XXH64: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 *
 * Memory: bytes 0 to 31 keep the part of an unfinished hash stripe, 64 to 68 an unfinished header; the host writes input
 * from `inputStart` on, and leaves 64 bytes after it that may be read but mean nothing.
 */

const PRIME1: u64 = 0x9e3779b185ebca87;
const PRIME2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME3: u64 = 0x165667b19e3779f9;
const PRIME4: u64 = 0x85ebca77c2b2ae63;
const PRIME5: u64 = 0x27d4eb2f165667c5;

const stripeAt: usize = 0;
const headerAt: usize = 64;
export const inputStart: u32 = 65536;

/** What the bytes between headers are. */
const ROWS: i32 = 1;
const CONTENT: i32 = 2;

/** Why the input cannot be what it should be; 0 when nothing is wrong. */
const FAULT_HEADER: i32 = 1;
const FAULT_AFTER_END_MARK: i32 = 2;
const FAULT_OPEN_ROW: i32 = 3;

let mode: i32 = 0;
let hashing: bool = true;
let fault: i32 = 0;
let blockEnded: bool = false;

let count: u64 = 0;
let sum: u64 = 0;
let bytes: u64 = 0;

let headerHeld: u32 = 0;
let remaining: u32 = 0;

/** The unfinished hash: bytes taken (0: none begun), its four lanes, and how much of a stripe is kept. */
let taken: u64 = 0;
let held: u32 = 0;
let lane1: u64 = 0;
let lane2: u64 = 0;
let lane3: u64 = 0;
let lane4: u64 = 0;
let endMarkSeen: bool = false;

// --- XXH64 ----------------------------------------------------------------------------------------------------------

@inline function round(lane: u64, input: u64): u64 {
  return rotl<u64>(lane + input * PRIME2, 31) * PRIME1;
}

@inline function merge(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * PRIME1 + PRIME4;
}

@inline function converge(a: u64, b: u64, c: u64, d: u64): u64 {
  let hash = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
  hash = merge(hash, a);
  hash = merge(hash, b);
  hash = merge(hash, c);
  return merge(hash, d);
}

/** Takes the last bytes (fewer than 32), then mixes. */
@inline function tail(start: u64, from: usize, length: usize): u64 {
  let hash = start;
  let at = from;
  const end = from + length;
  while (at + 8 <= end) {
    hash = rotl<u64>(hash ^ round(0, load<u64>(at)), 27) * PRIME1 + PRIME4;
    at += 8;
  }
  if (at + 4 <= end) {
    hash = rotl<u64>(hash ^ (<u64>load<u32>(at)) * PRIME1, 23) * PRIME2 + PRIME3;
    at += 4;
  }
  while (at < end) {
    hash = rotl<u64>(hash ^ (<u64>load<u8>(at)) * PRIME5, 11) * PRIME1;
    at += 1;
  }
  hash = (hash ^ (hash >> 33)) * PRIME2;
  hash = (hash ^ (hash >> 29)) * PRIME3;
  return hash ^ (hash >> 32);
}

@inline function hashOf(from: usize, length: usize): u64 {
  let at = from;
  let hash: u64;
  if (length >= 32) {
    let a: u64 = PRIME1 + PRIME2;
    let b: u64 = PRIME2;
    let c: u64 = 0;
    let d: u64 = 0 - PRIME1;
    const last = from + length - 32;
    do {
      a = round(a, load<u64>(at));
      b = round(b, load<u64>(at, 8));
      c = round(c, load<u64>(at, 16));
      d = round(d, load<u64>(at, 24));
      at += 32;
    } while (at <= last);
    hash = converge(a, b, c, d);
  } else {
    hash = PRIME5;
  }
  return tail(hash + <u64>length, at, from + length - at);
}

function take(from: usize, length: usize): void {
  if (length == 0) return;
  if (taken == 0) {
    lane1 = PRIME1 + PRIME2;
    lane2 = PRIME2;
    lane3 = 0;
    lane4 = 0 - PRIME1;
    held = 0;
  }
  taken += <u64>length;
  let at = from;
  const end = from + length;
  if (held > 0) {
    const missing = min<usize>(32 - held, length);
    memory.copy(stripeAt + held, at, missing);
    held += <u32>missing;
    at += missing;
    if (held < 32) return;
    stripe(stripeAt);
    held = 0;
  }
  while (at + 32 <= end) {
    stripe(at);
    at += 32;
  }
  held = <u32>(end - at);
  if (held > 0) memory.copy(stripeAt, at, held);
}

@inline function stripe(at: usize): void {
  lane1 = round(lane1, load<u64>(at));
  lane2 = round(lane2, load<u64>(at, 8));
  lane3 = round(lane3, load<u64>(at, 16));
  lane4 = round(lane4, load<u64>(at, 24));
}

function finishTaken(): u64 {
  const start = taken >= 32 ? converge(lane1, lane2, lane3, lane4) : PRIME5;
  const hash = tail(start + taken, stripeAt, taken == 0 ? 0 : held);
  taken = 0;
  held = 0;
  return hash;
}

// --- rows -----------------------------------------------------------------------------------------------------------

/** The first newline, or `end`. Reads up to 63 bytes beyond. */
@inline function newline(from: usize, end: usize): usize {
  const wanted = i8x16.splat(10);
  let at = from;
  while (at < end) {
    const a = i8x16.eq(v128.load(at), wanted);
    const b = i8x16.eq(v128.load(at, 16), wanted);
    const c = i8x16.eq(v128.load(at, 32), wanted);
    const d = i8x16.eq(v128.load(at, 48), wanted);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      const low = <u64>i8x16.bitmask(a) | (<u64>i8x16.bitmask(b) << 16);
      const high = <u64>i8x16.bitmask(c) | (<u64>i8x16.bitmask(d) << 16);
      return min<usize>(at + <usize>ctz<u64>(low | (high << 32)), end);
    }
    at += 64;
  }
  return end;
}

/** A row that lies in one piece. `\.` ends the rows (COPY, text format); pg_dump puts empty lines after it. */
@inline function row(from: usize, length: usize): void {
  if (endMarkSeen) {
    if (length != 0) fault = FAULT_AFTER_END_MARK;
  } else if (length == 2 && load<u16>(from) == 0x2e5c) {
    endMarkSeen = true;
  } else {
    count += 1;
    if (hashing) sum += hashOf(from, length);
  }
}

/** The last piece of a row that began earlier. */
function rowEnd(from: usize, length: usize): void {
  take(from, length);
  if (endMarkSeen) {
    fault = FAULT_AFTER_END_MARK;
    taken = 0;
  } else if (taken == 2 && load<u16>(stripeAt) == 0x2e5c) {
    endMarkSeen = true;
    taken = 0;
  } else {
    count += 1;
    const hash = finishTaken();
    if (hashing) sum += hash;
  }
}

function rows(from: usize, end: usize): void {
  let at = from;
  while (at < end) {
    const next = newline(at, end);
    if (next == end) {
      take(at, end - at);
      return;
    }
    if (taken > 0) rowEnd(at, next - at);
    else row(at, next - at);
    at = next + 1;
  }
}

@inline function payload(at: usize, length: usize): void {
  bytes += <u64>length;
  if (mode == ROWS) rows(at, at + length);
  else if (mode == CONTENT && hashing) take(at, length);
}

// --- framings -------------------------------------------------------------------------------------------------------

/** Begins a table's rows (1), large objects (2) or a block to walk over (0), from nothing. */
export function begin(kind: i32, withHashes: bool): void {
  count = 0;
  sum = 0;
  bytes = 0;
  mode = kind;
  hashing = withHashes;
  fault = 0;
  blockEnded = false;
  headerHeld = 0;
  remaining = 0;
  taken = 0;
  held = 0;
  endMarkSeen = false;
}

/** Starts a large object's hash with its number: four bytes, the least first. */
export function number(oid: u32): void {
  store<u32>(headerAt, oid);
  if (hashing) take(headerAt, 4);
}

/** Bytes of a large object, without any framing. */
export function content(from: usize, length: usize): void {
  payload(from, length);
}

export function endContent(): void {
  count += 1;
  if (hashing) sum += finishTaken();
}

/** Ends the rows; a row without its newline is a fault. */
export function endRows(): void {
  if (taken > 0) fault = FAULT_OPEN_ROW;
}

/** One data block of an archive: chunks of a length and that many bytes, until length 0. Returns the bytes used. */
export function archive(from: usize, length: usize): usize {
  let at = from;
  const end = from + length;
  while (at < end && fault == 0) {
    if (remaining == 0) {
      let header = at;
      if (headerHeld == 0 && at + 5 <= end) {
        at += 5;
      } else {
        store<u8>(headerAt + headerHeld, load<u8>(at));
        at += 1;
        headerHeld += 1;
        if (headerHeld < 5) continue;
        headerHeld = 0;
        header = headerAt;
      }
      remaining = load<u32>(header, 1);
      if (load<u8>(header) != 0 || <i32>remaining < 0) {
        fault = FAULT_HEADER;
      } else if (remaining == 0) {
        blockEnded = true;
        return at - from;
      }
    } else {
      const part = min<usize>(remaining, end - at);
      payload(at, part);
      at += part;
      remaining -= <u32>part;
    }
  }
  return at - from;
}

/** CopyData messages: `d`, a length that counts itself, the most significant byte first, and bytes. Stops before others. */
export function copyData(from: usize, length: usize): usize {
  let at = from;
  const end = from + length;
  while (at < end && fault == 0) {
    if (remaining == 0) {
      if (headerHeld == 0 && load<u8>(at) != 0x64) return at - from;
      let header = at;
      if (headerHeld == 0 && at + 5 <= end) {
        at += 5;
      } else {
        store<u8>(headerAt + headerHeld, load<u8>(at));
        at += 1;
        headerHeld += 1;
        if (headerHeld < 5) continue;
        headerHeld = 0;
        header = headerAt;
      }
      const size = bswap<u32>(load<u32>(header, 1));
      if (size < 4) fault = FAULT_HEADER;
      else remaining = size - 4;
    } else {
      const part = min<usize>(remaining, end - at);
      payload(at, part);
      at += part;
      remaining -= <u32>part;
    }
  }
  return at - from;
}

export function hasEnded(): bool {
  return blockEnded;
}
/** True while a header or a message is unfinished. */
export function isInside(): bool {
  return remaining > 0 || headerHeld > 0;
}
export function faultFound(): i32 {
  return fault;
}
export function countSoFar(): u64 {
  return count;
}
export function sumSoFar(): u64 {
  return sum;
}
export function bytesSoFar(): u64 {
  return bytes;
}
