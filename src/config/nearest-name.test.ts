import { expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

it('finds what was probably meant, and nothing far away', () => {
  const known = ['backup', 'list', 'url', 'urlFile'];
  expect(nearestName('bakup', known)).toBe('backup');
  expect(nearestName('ulr', known)).toBe('url');
  expect(nearestName('LIST', known)).toBe('list');
  expect(nearestName('urlfil', known)).toBe('urlFile');
  expect(nearestName('restore', known)).toBeNull();
});
