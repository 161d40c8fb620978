import { describe, expect, it } from 'vitest';
import { parseSchemaPattern, parseTablePattern } from './name-pattern.ts';

describe('a name pattern', () => {
  it.each([
    ['orders', null, '^(orders)$'],
    ['Orders', null, '^(orders)$'],
    ['"Orders"', null, '^(Orders)$'],
    ['sales.ord*', '^(sales)$', '^(ord.*)$'],
    ['a?', null, '^(a.)$'],
    ['"a.b".c', '^(a\\.b)$', '^(c)$'],
    ['"we""ird*"', null, '^(we"ird\\*)$'],
    ['a$b', null, '^(a\\$b)$'],
    ['db.sales.orders', '^(sales)$', '^(orders)$'],
    ['*.*', '^(.*)$', '^(.*)$'],
  ])('%s is schema %s and name %s', (pattern, schema, name) => {
    expect(parseTablePattern(pattern)).toEqual({ schema, name });
  });

  it('of a schema has one part', () => {
    expect(parseSchemaPattern('Sal"ES"*')).toBe('^(salES.*)$');
  });
});
