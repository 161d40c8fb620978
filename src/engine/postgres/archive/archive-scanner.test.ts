import { describe, expect, test } from 'vitest';
import { xxh64 } from '../fingerprint/row-hash/xxh64-reference.ts';
import { startArchiveScanner, type ArchiveScan } from './archive-scanner.ts';
import { int, writeArchive, type WrittenEntry } from './write-archive.ts';

const signal = new AbortController().signal;
const lines = (...rows: string[]): Uint8Array[] => rows.map((row) => Buffer.from(`${row}\n`));
const end = Buffer.from('\\.\n\n\n');
const copy = (table: string): string => `COPY public.${table} (a) FROM stdin;\n`;

const table: WrittenEntry = { dumpId: 1, desc: 'TABLE', definition: 'CREATE TABLE t (a text);' };
const tableData: WrittenEntry = {
  dumpId: 2,
  desc: 'TABLE DATA',
  tag: 't',
  namespace: 'public',
  copyStatement: copy('t'),
  dependencies: [1],
  rows: [...lines('one', 'two', ''), end],
};
const emptyData: WrittenEntry = { ...tableData, dumpId: 3, tag: 'e', copyStatement: copy('e'), rows: [end] };
const inserts: WrittenEntry = { ...tableData, dumpId: 4, copyStatement: '', rows: lines('INSERT INTO i VALUES (1);') };
const objects: WrittenEntry = {
  dumpId: 5,
  desc: 'BLOBS',
  objects: [
    [4242, [Buffer.from('large '), Buffer.from('object')]],
    [3_000_000_000, []],
  ],
};
const everything = [table, tableData, emptyData, inserts, objects];

async function scan(archive: Uint8Array, pieceBytes = archive.length): Promise<ArchiveScan> {
  await using scanner = startArchiveScanner({ hashRows: true, signal });
  for (let at = 0; at < archive.length; at += pieceBytes) await scanner.push(archive.subarray(at, at + pieceBytes));
  return await scanner.finish();
}

/** As pg_dump 16 and newer leave it, when they write to a standard output that is a file. */
function withHeadAgain(
  written: readonly WrittenEntry[],
  change: (offset: number) => number = (offset) => offset,
): Buffer {
  const archive = writeArchive(written);
  const places = new Map<number, number>();
  // Magic, form, compression, seven numbers, three texts (writeArchive).
  const prefixBytes = 11 + 1 + 7 * 5 + (5 + 5) + (5 + 4) + (5 + 4);
  for (const entry of written) {
    if (entry.rows === undefined && entry.objects === undefined) continue;
    const type = entry.rows === undefined ? 3 : 1;
    places.set(entry.dumpId, archive.indexOf(Buffer.concat([Buffer.from([type]), int(entry.dumpId)]), prefixBytes));
  }
  const headBytes = Math.min(...[...places.values()]);
  const offsets = new Map([...places].map(([id, offset]) => [id, change(offset)] as const));
  const again = writeArchive(written, { offsets }).subarray(prefixBytes, headBytes);
  return Buffer.concat([archive, again]);
}

function sumOf(...texts: Uint8Array[]): bigint {
  return BigInt.asUintN(
    64,
    texts.reduce((sum, text) => sum + xxh64(text), 0n),
  );
}

function numbered(oid: number, content: string): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(oid);
  return Buffer.concat([bytes, Buffer.from(content)]);
}

const rowsSum = sumOf(Buffer.from('one'), Buffer.from('two'), Buffer.alloc(0));

describe('an archive that is whole', () => {
  test('gives its table of contents, rows, large objects and the places of its blocks', async () => {
    const archive = writeArchive(everything);
    const found = await scan(archive);
    expect(found.toc).toMatchObject({
      archiveVersion: '1.16',
      compressed: false,
      databaseName: 'appdb',
      serverVersion: '17.2',
      dumpVersion: '17.3',
      encoding: 'UTF8',
    });
    expect(found.toc.entries.map((entry) => entry.desc)).toEqual([
      'ENCODING',
      ...everything.map((entry) => entry.desc),
    ]);
    expect(found.toc.entries[2]).toMatchObject({
      tag: 't',
      dependencies: [1],
      dataState: 'unknown',
      tableAm: 'heap',
      relkind: 114,
    });
    expect(found.tables).toEqual([
      { dumpId: 2, rows: 3, sum: rowsSum, plainBytes: 14 },
      { dumpId: 3, rows: 0, sum: 0n, plainBytes: 5 },
    ]);
    expect(found.largeObjects).toEqual({
      count: 2,
      bytes: 12,
      sum: sumOf(numbered(4242, 'large object'), numbered(3_000_000_000, '')),
    });
    expect([...found.dataOffsets.keys()]).toEqual([2, 3, 4, 5]);
    for (const [dumpId, offset] of found.dataOffsets) {
      expect(archive.subarray(offset + 1, offset + 6)).toEqual(int(dumpId));
    }
    expect(found.totalBytes).toBe(archive.length);
  });

  test('gives the same whatever pieces it comes in', async () => {
    const archive = writeArchive(everything);
    const whole = await scan(archive);
    for (const pieceBytes of [1, 2, 3, 7, 64, 1000]) expect(await scan(archive, pieceBytes)).toEqual(whole);
  });

  test.each([11, 13, 14, 15, 16])('is read in version 1.%i', async (minor) => {
    const found = await scan(writeArchive(everything, { minor }));
    expect(found.toc.archiveVersion).toBe(`1.${minor}`);
    expect(found.toc.entries[2]?.tableAm).toBe(minor >= 14 ? 'heap' : null);
    expect(found.tables[0]).toMatchObject({ rows: 3, sum: rowsSum });
  });

  test('gives names in its own encoding', async () => {
    const latin1 = writeArchive([{ ...table, tag: 'gr\u00fc\u00dfe' }], { encoding: 'LATIN1' });
    const bytes = Buffer.from(latin1.toString('latin1').replace('\u00c3\u00bc\u00c3\u009f', 'XYZQ'), 'latin1');
    const at = bytes.indexOf('XYZQ');
    bytes.set([0xfc, 0xdf, 0x21, 0x21], at);
    expect((await scan(bytes)).toc.entries[1]?.tag).toBe('gr\u00fc\u00df!!e');
  });

  test('is walked but not hashed when pg_dump compressed it', async () => {
    const found = await scan(writeArchive(everything, { compression: 1 }));
    expect(found.toc).toMatchObject({ compressed: true, compression: 'gzip' });
    expect(found.tables).toEqual([]);
    expect(found.largeObjects).toEqual({ count: 2, bytes: 0, sum: 0n });
    expect([...found.dataOffsets.keys()]).toEqual([2, 3, 4, 5]);
  });

  test('is only counted when hashes were not asked for', async () => {
    await using scanner = startArchiveScanner({ hashRows: false, signal });
    await scanner.push(writeArchive(everything));
    expect((await scanner.finish()).tables[0]).toMatchObject({ rows: 3, sum: 0n });
  });

  test('gives its table of contents before the rest has come', async () => {
    const archive = writeArchive(everything);
    await using scanner = startArchiveScanner({ hashRows: true, signal });
    await scanner.push(archive.subarray(0, archive.length - 60));
    await scanner.push(Buffer.alloc(0));
    expect((await scanner.toc).entries).toHaveLength(6);
  });

  test('of many megabytes passes through a bounded memory', async () => {
    const row = Buffer.from(`${'x'.repeat(199)}\n`);
    const many = Buffer.concat(Array.from({ length: 5000 }, () => row));
    const archive = writeArchive([{ ...tableData, rows: [...Array.from({ length: 20 }, () => many), end] }]);
    const found = await scan(archive, 64 * 1024 + 1);
    expect(found.tables[0]).toEqual({
      dumpId: 2,
      rows: 100_000,
      sum: BigInt.asUintN(64, 100_000n * xxh64(row.subarray(0, 199))),
      plainBytes: 20_000_005,
    });
  });
});

describe('an archive whose table of contents stands at its end again', () => {
  test.each([1, 7, 100_000])('is whole, in pieces of %d', async (pieceBytes) => {
    const found = await scan(withHeadAgain(everything), pieceBytes);
    expect(found.tables).toHaveLength(2);
    expect(found.largeObjects.count).toBe(2);
  });

  test('is damaged when the second is cut off, followed by something, or says another thing', async () => {
    const whole = withHeadAgain(everything);
    const first = writeArchive(everything);
    for (let cut = first.length + 1; cut < whole.length; cut += 41) {
      await expect(scan(whole.subarray(0, cut)), `cut to ${cut}`).rejects.toMatchObject({ code: 'damaged-archive' });
    }
    for (const other of [
      Buffer.concat([whole, Buffer.from([0])]),
      Buffer.concat([whole, whole.subarray(first.length)]),
      withHeadAgain(everything, (offset) => offset + 1),
    ]) {
      await expect(scan(other)).rejects.toMatchObject({ code: 'damaged-archive' });
    }
  });
});

describe('an archive that is damaged', () => {
  const archive = writeArchive(everything);

  test('is found out when its end is missing', async () => {
    for (const length of [0, 1, 200, archive.length - 11, archive.length - 1]) {
      await expect(scan(archive.subarray(0, length))).rejects.toMatchObject({ code: 'damaged-archive', exit: 15 });
    }
  });

  test('is found out when bytes were appended', async () => {
    for (const extra of ['\0', 'x', '\x01\0\x02\0\0\0', '\n'.repeat(100)]) {
      await expect(scan(Buffer.concat([archive, Buffer.from(extra)]))).rejects.toMatchObject({
        code: 'damaged-archive',
      });
    }
  });

  test('is found out when a block is missing, stands twice, or not where the table of contents says', async () => {
    const without = writeArchive([table, tableData]).subarray(0, -(1 + 5 + 3 * 5 + 14 - 5 + 5 + 5 + 5));
    await expect(scan(without)).rejects.toMatchObject({ code: 'damaged-archive' });
    const { dataOffsets } = await scan(archive);
    const start = dataOffsets.get(2) ?? 0;
    const block = archive.subarray(start, dataOffsets.get(3));
    const twice = Buffer.concat([archive.subarray(0, start), block, archive.subarray(start)]);
    await expect(scan(twice)).rejects.toMatchObject({ code: 'damaged-archive' });
    const elsewhere = writeArchive(everything, { offsets: new Map([[2, start + 1]]) });
    await expect(scan(elsewhere)).rejects.toMatchObject({ code: 'damaged-archive' });
  });

  test('is refused as unsupported when it is something else', async () => {
    for (const start of ['-- PostgreSQL database dump', 'PGDMP\x01\x20\0\x04\x08\x01', 'PGDMP\x01\x0e\0\x04\x08\x03']) {
      const file = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(200)]);
      await expect(scan(file)).rejects.toMatchObject({ code: 'unsupported-archive' });
    }
  });

  test('tells it through `toc` and `push` as well', async () => {
    await using scanner = startArchiveScanner({ hashRows: true, signal });
    await scanner.push(Buffer.alloc(1000));
    await expect(scanner.toc).rejects.toMatchObject({ code: 'unsupported-archive' });
    await expect(scanner.push(Buffer.alloc(1))).rejects.toMatchObject({ code: 'unsupported-archive' });
  });
});

describe('a scanner that is stopped', () => {
  test('rejects with the reason of the signal', async () => {
    const stopping = new AbortController();
    await using scanner = startArchiveScanner({ hashRows: true, signal: stopping.signal });
    await scanner.push(writeArchive(everything).subarray(0, 50));
    stopping.abort(new Error('stopped by the test'));
    await expect(scanner.toc).rejects.toThrow('stopped by the test');
    await expect(scanner.finish()).rejects.toThrow('stopped by the test');
  });
});
