import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../../test/harness/error-code.ts';
import { ArchiveUnpacker, batchBytes, canUnpack } from './archive-unpacker.ts';
import { TocReader } from './toc-reader.ts';
import type { ArchiveToc } from './toc.ts';
import { writeArchive, type WrittenEntry } from './write-archive.ts';

const end = Buffer.from('\\.\n\n\n');

function table(dumpId: number, rows: readonly Uint8Array[]): WrittenEntry {
  const name = `t${dumpId}`;
  const copyStatement = `COPY public.${name} (a) FROM stdin;\n`;
  return { dumpId, desc: 'TABLE DATA', tag: name, namespace: 'public', copyStatement, rows: [...rows, end] };
}

function split(archive: Buffer): { readonly toc: ArchiveToc; readonly data: Buffer } {
  const read = new TocReader().push(archive);
  if (read === null) throw new Error('the head is not whole');
  return { toc: read.toc, data: archive.subarray(read.toc.headerBytes) };
}

interface Unpacked {
  /** The rows of each table, as they would arrive at the server. */
  readonly rows: ReadonlyMap<number, Buffer>;
  readonly objects: ReadonlyMap<number, Buffer>;
  readonly messages: number;
}

/** `cuts`: the lengths of the pieces in which the data arrives, over and over. */
function unpack(archive: Buffer, cuts: readonly number[] = [1 << 20]): Unpacked {
  const { toc, data } = split(archive);
  const unpacker = new ArchiveUnpacker(toc);
  const rows = new Map<number, Buffer[]>();
  const objects = new Map<number, Buffer[]>();
  let messages = 0;
  for (let at = 0, turn = 0; at < data.length; turn += 1) {
    const length = cuts[turn % cuts.length] ?? 1;
    for (const piece of unpacker.take(Buffer.from(data.subarray(at, at + length)))) {
      if (piece.kind === 'rows') {
        const { message } = piece;
        expect([message[0], message.readInt32BE(1)]).toEqual(['d'.charCodeAt(0), message.length - 1]);
        messages += 1;
        const { dumpId } = piece.entry;
        rows.set(dumpId, [...(rows.get(dumpId) ?? []), Buffer.from(message.subarray(5))]);
        piece.release();
      } else if (piece.kind === 'object') {
        const before = objects.get(piece.oid) ?? [];
        expect(piece.offset).toBe(before.reduce((sum, part) => sum + part.length, 0));
        objects.set(piece.oid, [...before, piece.bytes]);
      }
    }
    at += length;
  }
  unpacker.finish();
  const joined = (parts: ReadonlyMap<number, readonly Buffer[]>): ReadonlyMap<number, Buffer> =>
    new Map([...parts].map(([key, list]) => [key, Buffer.concat(list)]));
  return { rows: joined(rows), objects: joined(objects), messages };
}

describe('unpacking', () => {
  test('gives back every row and every object, however the archive and its rows were cut', () => {
    const row = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from([...bytes.filter((byte) => byte !== 10 && byte !== 92), 10]));
    const rows = fc.array(row, { maxLength: 30 });
    const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        rows,
        rows,
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 4 }),
        cuts,
        cuts,
        (one, other, object, inner, outer) => {
          const whole = Buffer.concat(other);
          // The second table's chunks end anywhere: nothing promises that a chunk is a row.
          const chunks: Buffer[] = [];
          for (let at = 0, turn = 0; at < whole.length; turn += 1) {
            const length = inner[turn % inner.length] ?? 1;
            chunks.push(whole.subarray(at, at + length));
            at += length;
          }
          const found = unpack(
            writeArchive([
              table(1, one),
              table(2, chunks),
              { dumpId: 3, desc: 'BLOBS', objects: [[3_000_000_000, object]] },
            ]),
            outer,
          );
          expect(found.rows.get(1) ?? Buffer.alloc(0)).toEqual(Buffer.concat(one));
          expect(found.rows.get(2) ?? Buffer.alloc(0)).toEqual(whole);
          expect(found.objects.get(3_000_000_000) ?? Buffer.alloc(0)).toEqual(Buffer.concat(object));
        },
      ),
    );
  });

  test.each([batchBytes - 6, batchBytes - 1, batchBytes, batchBytes + 1, 3 * batchBytes + 7])(
    'keeps a row of %i bytes, and rows around it, whole',
    (length) => {
      const long = Buffer.concat([Buffer.alloc(length, 'x'), Buffer.from('\n')]);
      const short = Buffer.from('short\n');
      const found = unpack(writeArchive([table(1, [short, long, short, long])]), [70_001]);
      expect(found.rows.get(1)).toEqual(Buffer.concat([short, long, short, long]));
    },
  );

  test('puts many rows into one message', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => Buffer.from(`row ${n}\n`));
    const found = unpack(writeArchive([table(1, rows)]));
    expect(found.rows.get(1)).toEqual(Buffer.concat(rows));
    expect(found.messages).toBeLessThan(5);
  });

  test('takes pieces of a large object that PostgreSQL can store without reading a page again', () => {
    const content = Buffer.alloc(batchBytes * 2 + 100, 'y');
    const found = unpack(writeArchive([{ dumpId: 3, desc: 'BLOBS', objects: [[7, [content, Buffer.from('z')]]] }]));
    expect(found.objects.get(7)).toEqual(Buffer.concat([content, Buffer.from('z')]));
    expect(batchBytes % 2048).toBe(0);
  });

  test('is not tried where rows are compressed, are INSERT statements, or are for a table of no schema', () => {
    const inserts = { ...table(1, []), copyStatement: '' };
    const old = { ...table(1, []), copyStatement: 'COPY t1 (a) FROM stdin;\n' };
    expect(canUnpack(split(writeArchive([old], { minor: 12 })).toc)).toBe(false);
    expect(canUnpack(split(writeArchive([table(1, [])])).toc)).toBe(true);
    expect(canUnpack(split(writeArchive([inserts])).toc)).toBe(false);
    expect(canUnpack(split(writeArchive([table(1, [])], { compression: 1 })).toc)).toBe(false);
  });
});

describe('an archive that is damaged', () => {
  const archive = writeArchive([
    table(1, [Buffer.from('one\n'), Buffer.from('two\n')]),
    { dumpId: 3, desc: 'BLOBS', objects: [[77, [Buffer.from('content')]]] },
  ]);
  const { headerBytes } = split(archive).toc;

  test('is found out at every cut', () => {
    for (let length = headerBytes; length < archive.length; length += 1) {
      expect(
        codeOf(() => unpack(archive.subarray(0, length))),
        `cut at ${length}`,
      ).toBe('damaged-archive');
    }
  });

  test('never passes for the whole one with a byte changed', () => {
    const whole = unpack(archive);
    for (let at = headerBytes; at < archive.length; at += 1) {
      for (const change of [1, 0x80, 0xff]) {
        const changed = Buffer.from(archive);
        changed[at] = (changed[at] ?? 0) ^ change;
        const code = codeOf(() => {
          expect(unpack(changed), `byte ${at}`).not.toEqual(whole);
        });
        expect(['none', 'damaged-archive']).toContain(code);
      }
    }
  });

  test('is found out when rows have no end, or something stands behind it', () => {
    for (const rows of [
      [],
      [Buffer.from('one\n')],
      [Buffer.from('one\n'), end, Buffer.from('two\n')],
      [Buffer.from('one'), end],
    ]) {
      const broken = writeArchive([{ ...table(1, []), rows }]);
      expect(codeOf(() => unpack(broken))).toBe('damaged-archive');
    }
  });
});
