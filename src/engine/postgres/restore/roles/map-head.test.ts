import { expect, test } from 'vitest';
import { TocReader } from '../../archive/toc-reader.ts';
import type { ArchiveToc } from '../../archive/toc.ts';
import { writeArchive } from '../../archive/write-archive.ts';
import { mapRolesInHead, mergedRoles } from './map-head.ts';

function read(bytes: Buffer): { readonly toc: ArchiveToc; readonly head: Buffer } {
  const found = new TocReader().push(bytes);
  if (found === null) throw new Error('not whole');
  return { toc: found.toc, head: bytes.subarray(0, found.toc.headerBytes) };
}

const entries = [
  { dumpId: 1, desc: 'TABLE', tag: 't', definition: `CREATE TABLE owner.t (owner text DEFAULT 'owner');\n` },
  {
    dumpId: 2,
    desc: 'ACL',
    tag: 'TABLE t',
    definition: 'REVOKE ALL ON TABLE t FROM owner;\nGRANT SELECT ON TABLE t TO größe;\n',
  },
  { dumpId: 3, desc: 'TABLE DATA', tag: 't', copyStatement: 'COPY t FROM stdin;', rows: [Buffer.from('a\n')] },
] as const;

test.each([11, 14, 15, 16])('owners and privileges are replaced, all else stays, in archive version 1.%i', (minor) => {
  const before = read(writeArchive(entries, { minor }));
  const { headBytes, seen } = mapRolesInHead(
    before.head,
    before.toc,
    new Map([
      ['owner', 'Somebody "Else"'],
      ['größe', 'ä'],
    ]),
  );
  const after = read(headBytes).toc;
  expect(after.entries.map(({ owner }) => owner)).toEqual(before.toc.entries.map(() => 'Somebody "Else"'));
  expect(after.entries.find(({ desc }) => desc === 'ACL')?.definition).toBe(
    'REVOKE ALL ON TABLE t FROM "Somebody ""Else""";\nGRANT SELECT ON TABLE t TO "ä";\n',
  );
  const untouched = ({ entries: list }: ArchiveToc): unknown =>
    list.map((entry) => ({
      ...entry,
      owner: '',
      offsetFieldPosition: 0,
      definition: entry.desc === 'ACL' ? '' : entry.definition,
    }));
  expect(untouched(after)).toEqual(untouched(before.toc));
  expect(Buffer.from([...seen].join(' '), 'latin1').toString('utf8')).toBe('owner größe');
});

test('with nothing to map the bytes are the same', () => {
  const { toc, head } = read(writeArchive(entries));
  expect(mapRolesInHead(head, toc, new Map([['nobody', 'x']])).headBytes.equals(head)).toBe(true);
});

test('places of data that were written down are taken back', () => {
  const { toc, head } = read(writeArchive(entries, { offsets: new Map([[3, 5000]]) }));
  const after = read(mapRolesInHead(head, toc, new Map([['owner', 'longer_name']])).headBytes).toc;
  expect(after.entries.find(({ dumpId }) => dumpId === 3)).toMatchObject({ dataState: 'unknown', dataOffset: null });
});

test('a privilege of another form than pg_dump writes is refused', () => {
  const { toc, head } = read(writeArchive([{ dumpId: 1, desc: 'ACL', tag: 't', definition: 'DO $$ owner $$;' }]));
  expect(() => mapRolesInHead(head, toc, new Map([['owner', 'x']]))).toThrow(/cannot be mapped in ACL t/);
});

test('names beyond ASCII are refused in other encodings than UTF-8', () => {
  const { toc, head } = read(writeArchive(entries, { encoding: 'LATIN1' }));
  expect(() => mapRolesInHead(head, toc, new Map([['owner', 'ä']]))).toThrow(/encoding LATIN1/);
});

test('two roles that become one are found', () => {
  const seen = new Set(['a', 'b', 'c']);
  expect(mergedRoles(seen, new Map([['a', 'c']]), 'UTF8')).toEqual(['c']);
  expect(
    mergedRoles(
      seen,
      new Map([
        ['a', 'x'],
        ['c', 'a'],
      ]),
      'UTF8',
    ),
  ).toEqual([]);
});
