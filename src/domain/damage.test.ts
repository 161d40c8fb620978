import { describe, expect, test } from 'vitest';
import {
  describeLoss,
  describeSalvage,
  foundDamage,
  lossFindings,
  LostRanges,
  salvageTotals,
  type DamageReport,
  type LostRange,
  type TableReading,
} from './damage.ts';

const block = (number: number, error = 'invalid page'): LostRange => ({
  unit: 'block',
  first: String(number),
  last: String(number),
  error,
});
const table = (lost: readonly LostRange[], error: string | null = null): TableReading => ({
  ...{ schema: 'public', table: 'notes', rows: 7, lost, moreLost: 0, error },
});

describe('lost ranges', () => {
  const follows = (number: number) => (before: LostRange) => Number(before.last) === number - 1;

  test('neighbours become one, with the first error', () => {
    const ranges = new LostRanges();
    for (const number of [3, 4, 5, 9]) ranges.add(block(number, `error ${String(number)}`), follows(number));
    expect(ranges.list).toEqual([{ unit: 'block', first: '3', last: '5', error: 'error 3' }, block(9, 'error 9')]);
    expect(ranges.more).toBe(0);
  });

  test('beyond a thousand they are only counted', () => {
    const ranges = new LostRanges();
    for (let number = 0; number < 2004; number += 2) ranges.add(block(number), follows(number));
    expect([ranges.list.length, ranges.more]).toEqual([1000, 2]);
  });
});

test('a loss says where and why', () => {
  const many = [1, 3, 5, 7, 9, 11, 13].map((number) => block(number));
  expect(describeLoss(table(many))).toBe('block 1, block 3, block 5, block 7, block 9 and 2 more: invalid page');
  expect(describeLoss(table([{ unit: 'rowid', first: '5', last: '80', error: 'malformed' }]))).toBe(
    'rowids 5 to 80: malformed',
  );
  expect(describeLoss(table([], 'permission denied'))).toBe('nobody can say which rows: permission denied');
});

test('a salvage in numbers, and in words', () => {
  const whole = { definitions: 'pg_dump', tables: [table([]), table([])], failures: [] };
  expect(describeSalvage(salvageTotals(whole))).toBe('every row of 2 tables could be read');
  expect(lossFindings(whole)).toEqual([]);
  const hurt = { ...whole, tables: [table([block(3)]), table([])], failures: [{ what: 'sequence s', error: 'gone' }] };
  expect(salvageTotals(hurt)).toEqual({ tables: 2, damagedTables: 1, rows: 14, lostRanges: 1, failures: 1 });
  expect(describeSalvage(salvageTotals(hurt))).toBe('1 of 2 tables lost rows, 1 other thing could not be read');
  expect(lossFindings(hurt).map(({ message }) => message)).toEqual([
    'public.notes: 7 rows read; lost: block 3: invalid page',
    'sequence s could not be read: gone',
  ]);
});

test('an index that nothing checks is no damage', () => {
  const index = { schema: 'public', table: 'notes', index: 'i', method: 'none', error: 'no check' };
  const report = (state: 'unchecked' | 'damaged'): DamageReport => ({
    ...{ tables: [table([])], indexes: [{ ...index, state }], failures: [], findings: [], readBytes: 0, readMs: 0 },
  });
  expect(foundDamage(report('unchecked'))).toBe(false);
  expect(foundDamage(report('damaged'))).toBe(true);
});
