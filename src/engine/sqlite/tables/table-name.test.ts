import { expect, test } from 'vitest';
import { findName, parseTableName } from './table-name.ts';

test.each([
  ['orders', 'orders'],
  ['main.orders', 'orders'],
  ['"main"."Odd Name"', 'Odd Name'],
  ['"with ""quotes"""', 'with "quotes"'],
  ['[Odd Name]', 'Odd Name'],
  ['`a``b`', 'a`b'],
  ['Odd Name', 'Odd Name'],
  ['a.b', 'a.b'],
  ['main', 'main'],
])('%s means the table %s', (written, name) => {
  expect(parseTableName(written)).toBe(name);
});

test('the very name is preferred to one that differs in case', () => {
  expect(findName(['Orders', 'orders'], 'orders')).toBe('orders');
  expect(findName(['Orders'], 'orders')).toBe('Orders');
  expect(findName(['order'], 'orders')).toBeNull();
});
