import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCopyStatement, parseQualifiedName } from './copy-statement.ts';
import { sequenceValues } from './sequence-values.ts';
import type { TocEntry } from './toc.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const anyName = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((name) => !name.includes('\0'));

describe('a COPY statement of an archive', () => {
  test.each([
    ['COPY public.orders (id, "Total") FROM stdin;\n', { schema: 'public', table: 'orders', columns: ['id', 'Total'] }],
    ['COPY public.no_columns  FROM stdin;\n', { schema: 'public', table: 'no_columns', columns: [] }],
    [
      'COPY "a.b"."c (d), ""e"" FROM stdin;" ("x, y", "z)", größe) FROM stdin;\n',
      { schema: 'a.b', table: 'c (d), "e" FROM stdin;', columns: ['x, y', 'z)', 'größe'] },
    ],
  ])('%j is read', (statement, target) => {
    expect(parseCopyStatement(statement)).toEqual(target);
  });

  test('gives back any names that were quoted', () => {
    fc.assert(
      fc.property(anyName, anyName, fc.array(anyName, { minLength: 1, maxLength: 5 }), (schema, table, columns) => {
        const list = columns.map(quoted).join(', ');
        const statement = `COPY ${quoted(schema)}.${quoted(table)} (${list}) FROM stdin;\n`;
        expect(parseCopyStatement(statement)).toEqual({ schema, table, columns });
      }),
    );
  });

  test('is damage when it is something else', () => {
    expect(() => parseCopyStatement('COPY orders FROM stdin;')).toThrow(/cannot be read/);
    expect(() => parseCopyStatement('DROP TABLE a.b;')).toThrow(/cannot be read/);
  });
});

describe('a qualified name', () => {
  test('is read as pg_dump writes it', () => {
    expect(parseQualifiedName('public."Odd.name"')).toEqual({ schema: 'public', name: 'Odd.name' });
    expect(parseQualifiedName('nothing')).toBeNull();
  });
});

describe('sequence values of an archive', () => {
  const entry = (definition: string): TocEntry => ({
    dumpId: 1,
    tableOid: 0,
    oid: 0,
    tag: 's',
    desc: 'SEQUENCE SET',
    section: 'data',
    definition,
    dropStatement: '',
    copyStatement: '',
    copyStatementBytes: '',
    namespace: 'public',
    tablespace: null,
    tableAm: null,
    relkind: null,
    owner: '',
    dependencies: [],
    dataState: 'none',
    dataOffset: null,
    offsetFieldPosition: 0,
  });

  test('are the numbers and whether they were used, beyond 2^53 and below 0, with any name', () => {
    expect(
      sequenceValues([
        entry("SELECT pg_catalog.setval('public.orders_id_seq', 9223372036854775806, true);\n"),
        entry("SELECT pg_catalog.setval('public.down', -5, false);\n"),
        entry(`SELECT pg_catalog.setval('"Sp ace"."it''s"', 1, false);\n`),
        entry(String.raw`SELECT pg_catalog.setval(E'"Sp ace"."Se''q\\x"', 42, false);`),
        { ...entry('CREATE SEQUENCE x'), desc: 'SEQUENCE' },
      ]),
    ).toEqual([
      { schema: 'public', name: 'orders_id_seq', lastValue: '9223372036854775806', isCalled: true },
      { schema: 'public', name: 'down', lastValue: '-5', isCalled: false },
      { schema: 'Sp ace', name: "it's", lastValue: '1', isCalled: false },
      { schema: 'Sp ace', name: String.raw`Se'q\x`, lastValue: '42', isCalled: false },
    ]);
  });

  test('are damage when they cannot be read', () => {
    expect(() => sequenceValues([entry('SELECT 1;')])).toThrow(/cannot be read/);
  });
});
