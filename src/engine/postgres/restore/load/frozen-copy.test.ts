import { expect, test } from 'vitest';
import { TocReader } from '../../archive/toc-reader.ts';
import { writeArchive, type WrittenEntry } from '../../archive/write-archive.ts';
import { copyStatements } from './frozen-copy.ts';

const rows = [Buffer.from('1\n\\.\n\n\n')];

function statementsOf(entries: readonly WrittenEntry[], encoding = 'UTF8'): readonly string[] {
  const read = new TocReader().push(writeArchive(entries, { encoding }));
  if (read === null) throw new Error('the head is not whole');
  return [...copyStatements(read.toc).values()].map((bytes) => bytes.toString('utf8'));
}

function data(dumpId: number, target: string, dependencies: readonly number[]): WrittenEntry {
  const copyStatement = `COPY ${target} (a) FROM stdin;\n`;
  return { dumpId, desc: 'TABLE DATA', tag: 'leaf', namespace: 'public', copyStatement, dependencies, rows };
}

test('a table the restore has made is emptied and filled with frozen rows', () => {
  const statements = statementsOf([
    { dumpId: 1, desc: 'TABLE', tag: 'My "t"', namespace: 'Odd schema' },
    data(2, '"Odd schema"."My ""t"""', [1]),
  ]);
  expect(statements).toEqual([
    'TRUNCATE TABLE ONLY "Odd schema"."My ""t""";\nCOPY "Odd schema"."My ""t""" (a) FROM stdin WITH (FREEZE);',
  ]);
});

test('rows written for the root of their partition are added as they are', () => {
  const statements = statementsOf([
    { dumpId: 1, desc: 'TABLE', tag: 'leaf', namespace: 'public' },
    { dumpId: 2, desc: 'TABLE', tag: 'root', namespace: 'public' },
    data(3, 'public.root', [1]),
  ]);
  expect(statements).toEqual(['COPY public.root (a) FROM stdin;\n']);
});

test('rows of a table that an extension makes, and of a foreign table, are added as they are', () => {
  const statements = statementsOf([
    { dumpId: 1, desc: 'EXTENSION', tag: 'leaf' },
    { dumpId: 2, desc: 'FOREIGN TABLE', tag: 'leaf', namespace: 'public' },
    data(3, 'public.leaf', [1]),
    data(4, 'public.leaf', [2]),
  ]);
  const asWritten = 'COPY public.leaf (a) FROM stdin;\n';
  expect(statements).toEqual([asWritten, asWritten]);
});

test.each(['UTF8', 'LATIN1', 'SQL_ASCII', 'WIN1252', 'EUC_JP'])(
  'names of an archive in %s are sent byte by byte',
  (encoding) => {
    // What writeArchive writes is UTF-8, whatever the archive then says it is: nobody may change a byte of it.
    const statements = statementsOf(
      [{ dumpId: 1, desc: 'TABLE', tag: 'größe à', namespace: 'public' }, data(2, 'public."größe à"', [1])],
      encoding,
    );
    expect(statements).toEqual([
      'TRUNCATE TABLE ONLY "public"."größe à";\nCOPY public."größe à" (a) FROM stdin WITH (FREEZE);',
    ]);
  },
);

test('a table that rows of two entries go to is emptied by none of them', () => {
  const statements = statementsOf([
    { dumpId: 1, desc: 'TABLE', tag: 'leaf', namespace: 'public' },
    data(2, 'public.leaf', [1]),
    data(3, 'public.leaf', [1]),
  ]);
  const asWritten = 'COPY public.leaf (a) FROM stdin;\n';
  expect(statements).toEqual([asWritten, asWritten]);
});

test('no partition is emptied where rows are written for a root, which may put them into any', () => {
  const attached = 'ALTER TABLE ONLY public.root ATTACH PARTITION public.older DEFAULT;';
  const statements = statementsOf([
    { dumpId: 1, desc: 'TABLE', tag: 'root', namespace: 'public' },
    { dumpId: 2, desc: 'TABLE', tag: 'leaf', namespace: 'public' },
    { dumpId: 3, desc: 'TABLE', tag: 'other', namespace: 'public' },
    { dumpId: 4, desc: 'TABLE ATTACH', tag: 'other', namespace: 'public', definition: attached },
    { dumpId: 5, desc: 'TABLE', tag: 'older', namespace: 'public', definition: `CREATE TABLE older (); ${attached}` },
    { dumpId: 6, desc: 'TABLE', tag: 'alone', namespace: 'public' },
    data(7, 'public.root', [2]),
    data(8, 'public.other', [3]),
    data(9, 'public.older', [5]),
    data(10, 'public.alone', [6]),
  ]);
  expect(statements.filter((text) => text.startsWith('TRUNCATE'))).toEqual([
    'TRUNCATE TABLE ONLY "public"."alone";\nCOPY public.alone (a) FROM stdin WITH (FREEZE);',
  ]);
});
