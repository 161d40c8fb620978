import fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { literalExpression, literalOf, type DumpedValue } from './sql-literal.ts';

type Value = number | bigint | Uint8Array | null;

/** Writes a value (as text when told so), reads it as a dump does, runs the literal, and compares type and bytes. */
function roundTrip(database: DatabaseSync, encoding: string, value: Value, asText: boolean): void {
  const cast = asText ? 'CAST(? AS TEXT)' : '?';
  database.prepare(`INSERT INTO a VALUES (${cast})`).run(value);
  const statement = database.prepare(`SELECT ${literalExpression('v')} AS v FROM a`);
  statement.setReadBigInts(true);
  const literal = literalOf((statement.get()?.['v'] ?? null) as DumpedValue, encoding);
  database.exec(`INSERT INTO b VALUES (${literal})`);
  const read = (table: string) => {
    const row = database
      .prepare(`SELECT typeof(v) AS t, hex(CAST(v AS BLOB)) AS h, v FROM ${table}`, { readBigInts: true })
      .get();
    return { type: row?.['t'], bytes: row?.['h'], real: typeof row?.['v'] === 'number' ? row['v'] : null };
  };
  expect(read('b')).toEqual(read('a'));
  database.exec('DELETE FROM a; DELETE FROM b');
}

test.each(['UTF-8', 'UTF-16le', 'UTF-16be'])(
  'every value of a %s database comes back with its type, bits and bytes',
  (encoding) => {
    const database = new DatabaseSync(':memory:');
    database.exec(`PRAGMA encoding = '${encoding}'; CREATE TABLE a (v); CREATE TABLE b (v)`);
    const bytes = fc.uint8Array({ maxLength: 20 });
    const texts = fc.string({ unit: 'grapheme', maxLength: 10 }).map((text) => Buffer.from(text));
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) =>
        roundTrip(database, encoding, value, false),
      ),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => roundTrip(database, encoding, value, false)),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(bytes, (value) => roundTrip(database, encoding, value, false)));
    fc.assert(fc.property(fc.oneof(bytes, texts), (value) => roundTrip(database, encoding, value, true)));
    for (const value of [
      null,
      -(2n ** 63n),
      2n ** 63n - 1n,
      -0,
      Infinity,
      -Infinity,
      0.1,
      1e15,
      5e-324,
      1.7976931348623157e308,
    ]) {
      roundTrip(database, encoding, value, false);
    }
    for (const text of ["it's", 'a\0b', '', '\ufeffbom', '--', '\u2028', '😀'])
      roundTrip(database, encoding, Buffer.from(text), true);
    database.close();
  },
);

test('literals are as plain as they can be', () => {
  expect([1.5, 1, 100, 1e21, 0.1, 1 / 3].map((value) => literalOf(value, 'UTF-8'))).toEqual([
    '1.5',
    '1.0',
    '100.0',
    '1e+21',
    '0.1',
    '3.3333333333333331e-1',
  ]);
  expect(literalOf(`t${Buffer.from("it's").toString('hex')}`, 'UTF-8')).toBe("'it''s'");
  expect(literalOf('b00FF', 'UTF-8')).toBe("X'00FF'");
});
