import { describe, expect, it } from 'vitest';
import { meetsExpectation, readTimestamp } from './expectation.ts';

describe('what a check expects', () => {
  it.each([
    ['42', '42', true],
    ['42', '42.0', true],
    ['42', '43', false],
    ['1000', '>= 1000', true],
    ['999', '>=1000', false],
    ['9', '< 10', true],
    ['9007199254740993', '= 9007199254740992', false],
    ['9007199254740993', '> 9007199254740992', true],
    ['t', 'true', true],
    ['done', 'done', true],
    ['done', '!= done', false],
    ['x', '!= 3', true],
    ['x', '> 3', false],
    [null, 'NULL', true],
    [null, '>= 0', false],
    [null, '!= NULL', false],
    ['0', '!= NULL', true],
    ['x', '!= NULL', true],
    [null, '!= 3', false],
    [null, '<> NULL', false],
  ])('%s meets "%s": %s', (actual, expected, holds) => {
    expect(meetsExpectation(actual, expected)).toBe(holds);
  });
});

describe('times as databases write them', () => {
  it.each([
    ['2026-11-20 14:30:05.123456+00', '2026-11-20T14:30:05.123Z'],
    ['2026-11-20 14:30:05+02', '2026-11-20T12:30:05.000Z'],
    ['2026-11-20T14:30:05Z', '2026-11-20T14:30:05.000Z'],
    ['2026-11-20 14:30:05', '2026-11-20T14:30:05.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['1763649005', '2025-11-20T14:30:05.000Z'],
    ['1763649005123', '2025-11-20T14:30:05.123Z'],
  ])('reads %s', (text, iso) => {
    expect(readTimestamp(text)?.toISOString()).toBe(iso);
  });

  it('does not read anything else', () => {
    expect(['', 'createdAt', '12', 'infinity', '2026-02-31T99:00'].map(readTimestamp)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
