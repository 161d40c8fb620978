import { expect, it } from 'vitest';
import { parseBytes, parseDurationMs, parsePercent } from './quantity.ts';

it('reads durations, sizes and percentages, and nothing else', () => {
  expect(parseDurationMs('30s')).toBe(30_000);
  expect(parseDurationMs('1.5 h')).toBe(5_400_000);
  expect(parseDurationMs('30')).toBeNull();
  expect(parseBytes('1000')).toBe(1000);
  expect(parseBytes('1MB')).toBe(1_000_000);
  expect(parseBytes('2GiB')).toBe(2 * 1024 ** 3);
  expect(parseBytes('many')).toBeNull();
  expect(parsePercent('50%')).toBe(0.5);
  expect(parsePercent('50')).toBeNull();
});
