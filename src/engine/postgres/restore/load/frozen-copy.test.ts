import { expect, test } from 'vitest';
import { TocReader } from '../../archive/toc-reader.ts';
import { writeArchive, type WrittenEntry } from '../../archive/write-archive.ts';
import { tableFills } from './frozen-copy.ts';

const rows = [Buffer.from('1\n\\.\n\n\n')];

function fillsOf(...entries: readonly WrittenEntry[]): readonly (string | null)[][] {
  const read = new TocReader().push(writeArchive(entries));
  if (read === null) throw new Error('the head is not whole');
  return [...tableFills(read.toc).values()].map(({ before, copy }) => [before, copy]);
}

function data(dumpId: number, target: string, dependencies: readonly number[]): WrittenEntry {
  const copyStatement = `COPY ${target} (a) FROM stdin;\n`;
  return { dumpId, desc: 'TABLE DATA', tag: 'leaf', namespace: 'public', copyStatement, dependencies, rows };
}

test('a table the restore has made is emptied and filled with frozen rows', () => {
  const fills = fillsOf(
    { dumpId: 1, desc: 'TABLE', tag: 'My "t"', namespace: 'Odd schema' },
    data(2, '"Odd schema"."My ""t"""', [1]),
  );
  expect(fills).toEqual([
    ['TRUNCATE TABLE ONLY "Odd schema"."My ""t"""', 'COPY "Odd schema"."My ""t""" (a) FROM stdin WITH (FREEZE);'],
  ]);
});

test('rows written for the root of their partition are added as they are', () => {
  const fills = fillsOf(
    { dumpId: 1, desc: 'TABLE', tag: 'leaf', namespace: 'public' },
    { dumpId: 2, desc: 'TABLE', tag: 'root', namespace: 'public' },
    data(3, 'public.root', [1]),
  );
  expect(fills).toEqual([[null, 'COPY public.root (a) FROM stdin;\n']]);
});

test('rows of a table that an extension makes, and of a foreign table, are added as they are', () => {
  const fills = fillsOf(
    { dumpId: 1, desc: 'EXTENSION', tag: 'leaf' },
    { dumpId: 2, desc: 'FOREIGN TABLE', tag: 'leaf', namespace: 'public' },
    data(3, 'public.leaf', [1]),
    data(4, 'public.leaf', [2]),
  );
  const asWritten = [null, 'COPY public.leaf (a) FROM stdin;\n'];
  expect(fills).toEqual([asWritten, asWritten]);
});
