import { expect, test } from 'vitest';
import { explainByVersions } from './version-differences.ts';

const said = (is: string, was: string): string => `privileges [${is}] instead of privileges [${was}]`;
const closed = said('"+public=USAGE"', '"+public=ALL"');
const acl = (what: string, name = 'schema public', kind = 'acl') => ({ kind, name, what });

test.each([
  [acl(closed), 13, 18, true],
  [acl(closed), 14, 15, true],
  [acl(said('"+app=ALL","+public=USAGE"', '"+app=ALL","+public=ALL"')), 13, 18, true],
  [acl(closed), 15, 18, false],
  [acl(closed), 13, 14, false],
  [acl(closed, 'schema app'), 13, 18, false],
  [acl(closed, 'schema public', 'default-acl'), 13, 18, false],
  [acl('missing'), 13, 18, false],
  [acl(said('"+public=USAGE"', '"+app=ALL","+public=ALL"')), 13, 18, false],
  [acl(said('"+public=ALL"', '"+public=USAGE"')), 13, 18, false],
])('%j from %i to %i', (difference, from, to, isExplained) => {
  expect(explainByVersions(difference, from, to) !== null).toBe(isExplained);
});
