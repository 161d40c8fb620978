import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFingerprints } from './compare-fingerprints.ts';
import type { Fingerprint, ObjectFingerprint, SequenceFingerprint, TableFingerprint } from './fingerprint.ts';

const everything = { owners: true, privileges: true };

const name = fc.constantFrom('a', 'b', 'orders', 'Odd "name"', 'a.b', 'ä', 'c');
const sum = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16).padStart(16, '0'));

const tables: fc.Arbitrary<readonly TableFingerprint[]> = fc.uniqueArray(
  fc.record({
    schema: name,
    table: name,
    kind: fc.constantFrom('table', 'extension-config'),
    columns: fc.array(name, { maxLength: 3 }),
    rows: fc.nat(1000),
    sum,
  }),
  { selector: ({ schema, table }) => JSON.stringify([schema, table]), minLength: 1, maxLength: 6 },
);

const sequences: fc.Arbitrary<readonly SequenceFingerprint[]> = fc.uniqueArray(
  fc.record({
    schema: name,
    name,
    lastValue: fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String),
    isCalled: fc.boolean(),
  }),
  { selector: (one) => JSON.stringify([one.schema, one.name]), minLength: 1, maxLength: 4 },
);

const objects: fc.Arbitrary<readonly ObjectFingerprint[]> = fc.uniqueArray(
  fc.record({ kind: fc.constantFrom('index', 'view', 'owner', 'acl'), name, facts: fc.string() }),
  { selector: (one) => JSON.stringify([one.kind, one.name]), minLength: 1, maxLength: 6 },
);

const fingerprint: fc.Arbitrary<Fingerprint> = fc.record({
  version: fc.constant(1 as const),
  engine: fc.constant('postgres'),
  mode: fc.constant('content' as const),
  encoding: fc.constant('UTF8'),
  tables,
  largeObjects: fc.record({ count: fc.nat(10), bytes: fc.nat(1000), sum }),
  sequences,
  objects,
});

/** Every way of changing one thing. */
function changes(of: Fingerprint): readonly (readonly [what: string, changed: Fingerprint])[] {
  const otherSum = (text: string | null): string =>
    BigInt.asUintN(64, BigInt(`0x${text ?? '0'}`) + 1n)
      .toString(16)
      .padStart(16, '0');
  const replaced = <T>(list: readonly T[], index: number, ...by: readonly T[]): readonly T[] =>
    list.toSpliced(index, 1, ...by);
  const large = of.largeObjects ?? { count: 0, bytes: 0, sum: null };
  return [
    ...of.tables.flatMap((table, at): readonly (readonly [string, Fingerprint])[] => [
      ['a row more', { ...of, tables: replaced(of.tables, at, { ...table, rows: table.rows + 1 }) }],
      ['other content', { ...of, tables: replaced(of.tables, at, { ...table, sum: otherSum(table.sum) }) }],
      ['content not read', { ...of, tables: replaced(of.tables, at, { ...table, sum: null }) }],
      ['a column more', { ...of, tables: replaced(of.tables, at, { ...table, columns: [...table.columns, 'x'] }) }],
      ['another kind', { ...of, tables: replaced(of.tables, at, { ...table, kind: 'materialized-view' }) }],
      ['another condition', { ...of, tables: replaced(of.tables, at, { ...table, condition: 'where false' }) }],
      ['a table missing', { ...of, tables: replaced(of.tables, at) }],
      ['a table twice', { ...of, tables: [...of.tables, table] }],
      ['a table renamed', { ...of, tables: replaced(of.tables, at, { ...table, table: `${table.table}_` }) }],
    ]),
    ...of.sequences.flatMap((sequence, at): readonly (readonly [string, Fingerprint])[] => [
      [
        'a sequence moved',
        { ...of, sequences: replaced(of.sequences, at, { ...sequence, lastValue: `${sequence.lastValue}1` }) },
      ],
      [
        'a sequence called',
        { ...of, sequences: replaced(of.sequences, at, { ...sequence, isCalled: !sequence.isCalled }) },
      ],
      ['a sequence missing', { ...of, sequences: replaced(of.sequences, at) }],
    ]),
    ...of.objects.flatMap((object, at): readonly (readonly [string, Fingerprint])[] => [
      ['an object missing', { ...of, objects: replaced(of.objects, at) }],
      ['an object twice', { ...of, objects: [...of.objects, object] }],
      ['other facts', { ...of, objects: replaced(of.objects, at, { ...object, facts: `${object.facts}!` }) }],
      ['an object more', { ...of, objects: [...of.objects, { ...object, name: `${object.name}_` }] }],
    ]),
    ['a large object more', { ...of, largeObjects: { ...large, count: large.count + 1 } }],
    ['larger objects', { ...of, largeObjects: { ...large, bytes: large.bytes + 1 } }],
    ['other large objects', { ...of, largeObjects: { ...large, sum: otherSum(large.sum) } }],
    ['another encoding', { ...of, encoding: 'LATIN1' }],
    ['another engine', { ...of, engine: 'sqlite' }],
  ];
}

function table(overrides: Partial<TableFingerprint>): TableFingerprint {
  const usual = {
    schema: 'public',
    table: 't',
    kind: 'table',
    columns: ['id'],
    rows: 1,
    sum: '0000000000000001',
  } as const;
  return { ...usual, ...overrides };
}

function holding(parts: Partial<Fingerprint>): Fingerprint {
  const empty = { version: 1, engine: 'postgres', mode: 'content', largeObjects: null } as const;
  return { ...empty, tables: [], sequences: [], objects: [], ...parts };
}

function differences(expected: Fingerprint, actual: Fingerprint, scope = everything): readonly string[] {
  return compareFingerprints(expected, actual, scope).differences.map((one) => `${one.kind} ${one.name}: ${one.what}`);
}

describe('comparing fingerprints', () => {
  it('finds no difference between a fingerprint and any permutation of it', () => {
    fc.assert(
      fc.property(fingerprint, fc.infiniteStream(fc.nat()), (one, numbers) => {
        const shuffled = <T>(list: readonly T[]): readonly T[] =>
          list
            .map((item) => [Number(numbers.next().value), item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const other = {
          ...one,
          tables: shuffled(one.tables),
          sequences: shuffled(one.sequences),
          objects: shuffled(one.objects),
        };
        expect(compareFingerprints(one, other, everything).differences).toEqual([]);
      }),
    );
  });

  it('finds every single change, whichever side has it', () => {
    fc.assert(
      fc.property(fingerprint, (one) => {
        for (const [what, changed] of changes(one)) {
          expect(compareFingerprints(one, changed, everything).differences, what).not.toEqual([]);
          if (what === 'content not read') continue;
          expect(compareFingerprints(changed, one, everything).differences, `${what}, reversed`).not.toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('sees one row twice in place of another, which an exclusive or would not', () => {
    const [a, b] = [5n, 9n];
    const hex = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, '0');
    const was = holding({ tables: [table({ rows: 2, sum: hex(a + b) })] });
    const is = holding({ tables: [table({ rows: 2, sum: hex(a + a) })] });
    expect(differences(was, is)).toEqual(['table public.t: content differs']);
  });

  it('compares partitions by the sum over all of them, modulo 2^64', () => {
    const loadedVia = { schema: 'public', table: 'root' };
    const was = holding({
      tables: [
        table({ table: 'p1', rows: 3, sum: 'ffffffffffffffff', loadedVia }),
        table({ table: 'p2', rows: 1, sum: '0000000000000003', loadedVia }),
      ],
    });
    const moved = holding({
      tables: [
        table({ table: 'p1', rows: 2, sum: '0000000000000001', loadedVia }),
        table({ table: 'p2', rows: 2, sum: '0000000000000001', loadedVia }),
      ],
    });
    expect(differences(was, moved)).toEqual([]);
    const lost = holding({ tables: was.tables.map((one) => ({ ...one, rows: 1 })) });
    expect(differences(was, lost)).toEqual(['table public.root (all partitions): rows 2 instead of 4']);
    expect(differences(was, holding({ tables: was.tables.slice(1) }))).toContain('table public.p1: missing');
  });

  it('compares only the number of rows where there is no sum, and counts such tables', () => {
    const view = table({ kind: 'materialized-view', sum: null, rows: 4 });
    const comparison = compareFingerprints(holding({ tables: [view] }), holding({ tables: [view] }), everything);
    expect(comparison).toMatchObject({ differences: [], countedOnly: 1, tablesCompared: 1, rowsCompared: 4 });
    expect(differences(holding({ tables: [view] }), holding({ tables: [{ ...view, rows: 5 }] }))).toHaveLength(1);
  });

  it('keeps names with dots apart', () => {
    const was = holding({ tables: [table({ schema: 'a.b', table: 'c' }), table({ schema: 'a', table: 'b.c' })] });
    expect(differences(was, was)).toEqual([]);
  });

  it('passes over owners and privileges only when they were left out', () => {
    const objects = [
      { kind: 'owner', name: 't', facts: 'app' },
      { kind: 'acl', name: 't', facts: 'app=r' },
      { kind: 'default-acl', name: 't', facts: 'app=r' },
    ];
    expect(differences(holding({ objects }), holding({}))).toHaveLength(3);
    expect(differences(holding({ objects }), holding({}), { owners: false, privileges: true })).toHaveLength(2);
    expect(differences(holding({ objects }), holding({}), { owners: false, privileges: false })).toEqual([]);
  });

  it('says what differs in words', () => {
    const was = holding({
      tables: [table({ rows: 27 }), table({ table: 'gone' })],
      sequences: [{ schema: 'public', name: 's', lastValue: '42', isCalled: true }],
      objects: [{ kind: 'index', name: 'public.i', facts: 'unique' }],
    });
    const is = holding({
      tables: [table({ rows: 26 }), table({ table: 'new' })],
      sequences: [{ schema: 'public', name: 's', lastValue: '41', isCalled: false }],
    });
    expect(differences(was, is)).toEqual([
      'table public.gone: missing',
      'table public.new: unexpected',
      'table public.t: rows 26 instead of 27',
      'sequence public.s: at 41 (not called yet) instead of 42',
      'index public.i: missing',
    ]);
  });
});
