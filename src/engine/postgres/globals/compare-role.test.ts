import { expect, test } from 'vitest';
import { compareRole } from './compare-role.ts';
import type { RoleDefinition } from './model.ts';

const role = (validUntil: string | null): RoleDefinition => ({
  name: 'app',
  flags: new Map(),
  connectionLimit: null,
  password: null,
  validUntil,
  comment: null,
  labels: new Map(),
  settings: new Map(),
});

test.each([
  ["'2040-01-01 00:00:00+00'", "'2040-01-01 05:45:00+05:45'", true],
  ["'2040-01-01 00:00:00+00'", "'2039-12-31 19:00:00-05'", true],
  ["'2040-01-01 00:00:00.5+00'", "'2040-01-01 00:00:00+00'", false],
  ["'2040-01-01 00:00:00+00'", "'2040-01-01 00:00:00+01'", false],
  ["'infinity'", "'infinity'", true],
  ["'infinity'", null, false],
  [null, "'2040-01-01 00:00:00+00'", false],
])('a password that ends at %s and at %s', (one, other, isSame) => {
  expect(compareRole(role(one), role(other), false).differences).toEqual(isSame ? [] : ['valid until']);
});
