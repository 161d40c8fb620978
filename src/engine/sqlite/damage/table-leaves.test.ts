import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { greatestRowid, leastRowid, PageFile, readVarint } from './table-leaves.ts';

test('varints of every length', () => {
  const values: readonly (readonly [readonly number[], bigint | null])[] = [
    [[0x00], 0n],
    [[0x7f], 127n],
    [[0x81, 0x00], 128n],
    [[0xff, 0x7f], 16_383n],
    [[0x81, 0x80, 0x00], 16_384n],
    [Array<number>(9).fill(0xff), -1n],
    [[0x81], null],
  ];
  for (const [bytes, value] of values) expect(readVarint(Buffer.from(bytes), 0)).toBe(value);
});

test('leaves cover all row numbers without gaps, with as many rows as the table has, also negative ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hft-leaves-'));
  try {
    const path = join(folder, 'a.db');
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, text);
      WITH RECURSIVE n(i) AS (SELECT -500 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO t SELECT i * 7, hex(randomblob(20)) FROM n`);
    const root = Number(database.prepare(`SELECT rootpage FROM sqlite_schema`).get()?.['rootpage']);
    database.close();
    using pages = new PageFile(path);
    const leaves = [...pages.leavesOf(root)];
    expect(leaves.length).toBeGreaterThan(100);
    expect(leaves.reduce((sum, { rows }) => sum + (rows ?? 0), 0)).toBe(3501);
    expect([leaves[0]?.first, leaves[leaves.length - 1]?.last]).toEqual([leastRowid, greatestRowid]);
    for (const [at, { first }] of leaves.entries()) {
      if (at > 0) expect(first).toBe((leaves[at - 1]?.last ?? 0n) + 1n);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
