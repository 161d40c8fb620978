import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHashMemory, inputStart, loadRowHasher, type HashTotals, type RowHasher } from './row-hasher.ts';
import { xxh64 } from './xxh64-reference.ts';

const inputBytes = 64 * 1024;
const memory = createHashMemory(inputBytes);
const input = new Uint8Array(memory.buffer).subarray(inputStart, inputStart + inputBytes);
const hasher = loadRowHasher(memory, true);
const modulus = 2n ** 64n;

/** Any bytes but newlines, as COPY text has none inside a row; never the mark that ends rows. */
const row = fc
  .oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc
      .constantFrom(31, 32, 33, 63, 64, 65, 127, 128, 1000)
      .chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
  )
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte))))
  .filter((bytes) => bytes.toString('latin1') !== '\\.');
const rows = fc.array(row, { maxLength: 30 });
const cutPoints = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function expected(texts: readonly Uint8Array[]): Pick<HashTotals, 'count' | 'sum'> {
  return { count: texts.length, sum: texts.reduce((sum, text) => (sum + xxh64(text)) % modulus, 0n) };
}

/** Cuts bytes at the given places (fractions of their length). */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function archiveInt(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(value < 0 ? 1 : 0);
  bytes.writeInt32LE(Math.abs(value), 1);
  return bytes;
}

function asArchive(text: Buffer, places: readonly number[]): Buffer {
  const chunks = cut(text, places).filter((chunk) => chunk.length > 0);
  return Buffer.concat([...chunks.flatMap((chunk) => [archiveInt(chunk.length), chunk]), archiveInt(0)]);
}

function asCopyData(text: Buffer, places: readonly number[]): Buffer {
  return Buffer.concat(
    cut(text, places).flatMap((part) => {
      const header = Buffer.alloc(5);
      header.write('d');
      header.writeUInt32BE(part.length + 4, 1);
      return [header, part];
    }),
  );
}

/** Gives each piece from its own start in memory, so that what lies beyond it is left over from the one before. */
function feed(take: (position: number, length: number) => number, pieces: readonly Buffer[]): number {
  let used = 0;
  for (const piece of pieces) {
    input.set(piece);
    used += take(inputStart, piece.length);
  }
  return used;
}

function lines(texts: readonly Buffer[]): Buffer {
  return Buffer.concat(texts.flatMap((text) => [text, Buffer.from('\n')]));
}

const begin = (): RowHasher => {
  hasher.begin('rows');
  return hasher;
};

describe('the reference hash', () => {
  test('gives the published values of XXH64 with seed 0', () => {
    expect(xxh64(Buffer.alloc(0))).toBe(0xef46db3751d8e999n);
    expect(xxh64(Buffer.from('a'))).toBe(0xd24ec4f1a98c6e5bn);
    expect(xxh64(Buffer.from('abc'))).toBe(0x44bc2cf5ad770999n);
    expect(xxh64(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xfbcea83c8a378bf1n);
  });
});

describe('rows of an archive', () => {
  test('have the reference hash whatever way chunks and buffers are cut', () => {
    fc.assert(
      fc.property(rows, cutPoints, cutPoints, fc.boolean(), (texts, chunkCuts, bufferCuts, hasEndMark) => {
        const block = asArchive(Buffer.concat([lines(texts), Buffer.from(hasEndMark ? '\\.\n\n\n' : '')]), chunkCuts);
        begin();
        const used = feed((position, length) => hasher.takeArchive(position, length), cut(block, bufferCuts));
        hasher.endRows();
        expect(used).toBe(block.length);
        expect(hasher.blockEnded()).toBe(true);
        expect(hasher.fault()).toBeNull();
        expect(hasher.totals()).toMatchObject(expected(texts));
      }),
      { numRuns: 600 },
    );
  });

  test('have the reference hash when bytes come one at a time', () => {
    const texts = ['', 'one', '\\\\.', '.', 'x'.repeat(100), '', 'y'.repeat(32)].map((text) => Buffer.from(text));
    const block = asArchive(Buffer.concat([lines(texts), Buffer.from('\\.\n\n\n')]), []);
    begin();
    feed(
      (position, length) => hasher.takeArchive(position, length),
      [...block].map((byte) => Buffer.from([byte])),
    );
    expect(hasher.totals()).toMatchObject(expected(texts));
    expect(hasher.fault()).toBeNull();
  });

  test('end with their block: what follows is left alone', () => {
    const block = Buffer.concat([asArchive(lines([Buffer.from('a')]), []), Buffer.from('next block')]);
    begin();
    const used = feed((position, length) => hasher.takeArchive(position, length), [block]);
    expect(used).toBe(block.length - 'next block'.length);
    expect(hasher.blockEnded()).toBe(true);
  });

  test.each([
    ['a row after the end mark', asArchive(Buffer.from('a\n\\.\nb\n'), []), 'bytes after the end of the rows'],
    ['a row without its newline', asArchive(Buffer.from('a\nb'), []), 'a row without its end'],
    ['a negative length', archiveInt(-5), 'a length that cannot be'],
    ['a sign that is none', Buffer.from([7, 1, 0, 0, 0]), 'a length that cannot be'],
  ])('with %s are a fault', (_, block, fault) => {
    begin();
    feed((position, length) => hasher.takeArchive(position, length), [block]);
    hasher.endRows();
    expect(hasher.fault()).toBe(fault);
  });

  test('differ in one row, in one row twice, and in 1.0 against 1.00', () => {
    const sumOf = (text: string): bigint => {
      begin();
      feed((position, length) => hasher.takeArchive(position, length), [asArchive(Buffer.from(text), [])]);
      return hasher.totals().sum;
    };
    expect(sumOf('1\ta\n2\tb\n')).toBe(sumOf('2\tb\n1\ta\n'));
    expect(sumOf('1\ta\n2\tb\n')).not.toBe(sumOf('1\ta\n2\tc\n'));
    expect(sumOf('1\ta\n1\ta\n')).not.toBe(sumOf('2\tb\n2\tb\n'));
    expect(sumOf('1.0\n')).not.toBe(sumOf('1.00\n'));
  });

  test('are only counted when hashes were not asked for', () => {
    const counter = loadRowHasher(memory, false);
    counter.begin('rows');
    const block = asArchive(Buffer.from('a\nbb\n\\.\n\n\n'), [0.3]);
    feed((position, length) => counter.takeArchive(position, length), cut(block, [0.2, 0.5]));
    expect(counter.totals()).toMatchObject({ count: 2, sum: 0n });
  });
});

describe('rows in CopyData messages', () => {
  test('have the reference hash whatever way messages and buffers are cut', () => {
    fc.assert(
      fc.property(rows, cutPoints, cutPoints, (texts, messageCuts, bufferCuts) => {
        const stream = asCopyData(lines(texts), messageCuts);
        begin();
        feed((position, length) => hasher.takeCopyData(position, length), cut(stream, bufferCuts));
        hasher.endRows();
        expect(hasher.isInside()).toBe(false);
        expect(hasher.fault()).toBeNull();
        expect(hasher.totals()).toMatchObject(expected(texts));
      }),
      { numRuns: 600 },
    );
  });

  test('end before a message of another type', () => {
    const stream = Buffer.concat([asCopyData(Buffer.from('a\n'), []), Buffer.from('c\0\0\0\x04')]);
    begin();
    expect(feed((position, length) => hasher.takeCopyData(position, length), [stream])).toBe(stream.length - 5);
    expect(hasher.isInside()).toBe(false);
  });
});

describe('a large object', () => {
  test('has the reference hash of its number and its content, framed or not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4294967295 }),
        fc.uint8Array({ maxLength: 500 }),
        cutPoints,
        cutPoints,
        (oid, bytes, chunks, cuts) => {
          const content = Buffer.from(bytes);
          const number = Buffer.alloc(4);
          number.writeUInt32LE(oid);
          const reference = { count: 1, bytes: content.length, sum: xxh64(Buffer.concat([number, content])) };
          hasher.begin('content');
          hasher.beginObject(oid);
          feed((position, length) => hasher.takeArchive(position, length), cut(asArchive(content, chunks), cuts));
          hasher.endObject();
          expect(hasher.totals()).toEqual(reference);
          hasher.begin('content');
          hasher.beginObject(oid);
          feed((position, length) => (hasher.takeContent(position, length), length), cut(content, cuts));
          hasher.endObject();
          expect(hasher.totals()).toEqual(reference);
        },
      ),
      { numRuns: 300 },
    );
  });
});
