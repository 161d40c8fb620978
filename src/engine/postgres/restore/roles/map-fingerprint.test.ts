import { expect, test } from 'vitest';
import type { Fingerprint, ObjectFingerprint } from '../../../../domain/fingerprint.ts';
import { mapFingerprint } from './map-fingerprint.ts';

const roles = new Map([
  ['app', 'zz'],
  ['Odd', 'plain'],
]);

function mapped(object: ObjectFingerprint): ObjectFingerprint | undefined {
  const fingerprint: Fingerprint = {
    version: 1,
    engine: 'postgres',
    mode: 'content',
    tables: [],
    largeObjects: null,
    sequences: [],
    objects: [object],
  };
  return mapFingerprint(fingerprint, roles).objects[0];
}

test.each([
  ['owner', 'table t', 'role app', 'table t', 'role zz'],
  [
    'acl',
    'table t',
    'privileges ["+app=SELECT","+b=ALL","-public=USAGE"]',
    'table t',
    'privileges ["+b=ALL","-public=USAGE","+zz=SELECT"]',
  ],
  ['default-acl', 'app s r', 'privileges ["app=ALL"]', 'zz s r', 'privileges ["zz=ALL"]'],
  ['default-acl', '"Odd" * f', 'privileges ["Odd=ALL"]', 'plain * f', 'privileges ["plain=ALL"]'],
  [
    'policy',
    'public.t.p',
    'permissive; command r; roles ["app","b"]; has_condition',
    'public.t.p',
    'permissive; command r; roles ["b","zz"]; has_condition',
  ],
  ['user-mapping', 'app FOR app', '', 'app FOR zz', ''],
  ['function', 'public.app()', 'role app', 'public.app()', 'role app'],
])('%s %s', (kind, name, facts, nameThen, factsThen) => {
  expect(mapped({ kind, name, facts })).toEqual({ kind, name: nameThen, facts: factsThen });
});
