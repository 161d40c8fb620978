/** What a copy holds whose roles are called otherwise: owners, privileges, policies and user mappings under the new names. */

import type { Fingerprint, ObjectFingerprint } from '../../../../domain/fingerprint.ts';
import { mappedRole, type RoleMap } from '../../../../domain/role-map.ts';
import { StatementReader } from '../../globals/role-places.ts';

export function mapFingerprint(fingerprint: Fingerprint, roles: RoleMap): Fingerprint {
  return { ...fingerprint, objects: fingerprint.objects.map((object) => mapObject(object, roles)) };
}

/** The forms are those of fingerprint/inventory: notes.ts, table-parts.ts, database-objects.ts. */
function mapObject(object: ObjectFingerprint, roles: RoleMap): ObjectFingerprint {
  const { kind, name, facts } = object;
  switch (kind) {
    case 'owner':
      return {
        kind,
        name,
        facts: facts.replace(/^role (.*)$/s, (_, role: string) => `role ${mappedRole(roles, role)}`),
      };
    case 'acl':
      return { kind, name, facts: mapLines(facts, roles, /^[+-]/) };
    case 'default-acl':
      return { kind, name: mapName(name, roles, 'first'), facts: mapLines(facts, roles, /^/) };
    case 'policy':
      return { kind, name, facts: mapPolicy(facts, roles) };
    case 'user-mapping':
      return { kind, name: mapName(name, roles, 'behind FOR'), facts };
    default:
      return object;
  }
}

/** `privileges ["+app=ALL","-public=CREATE"]`: in the order of what stands behind the sign, by bytes. */
function mapLines(facts: string, roles: RoleMap, signPattern: RegExp): string {
  const list = /^privileges (\[.*\])$/s.exec(facts)?.[1];
  if (list === undefined) return facts;
  const lines = readList(list).map((line) => {
    const sign = signPattern.exec(line)?.[0] ?? '';
    const cut = line.lastIndexOf('=');
    const role = line.slice(sign.length, cut);
    return { sign, rest: `${role === 'public' ? role : mappedRole(roles, role)}${line.slice(cut)}` };
  });
  const sorted = lines.toSorted((a, b) => Buffer.compare(Buffer.from(a.rest), Buffer.from(b.rest)));
  return `privileges ${JSON.stringify(sorted.map(({ sign, rest }) => sign + rest))}`;
}

function mapPolicy(facts: string, roles: RoleMap): string {
  return facts.replace(/(^|; )roles (\[(?:"(?:[^"\\]|\\.)*",?)*\])/, (_, before: string, list: string) => {
    const names = readList(list).map((role) => (role === 'public' ? role : mappedRole(roles, role)));
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `${before}roles ${JSON.stringify(sorted)}`;
  });
}

function readList(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.map(String) : [];
}

/** `%I` writes a name as a word or in quotes, as needed: the new one is written the same way. */
function mapName(name: string, roles: RoleMap, place: 'first' | 'behind FOR'): string {
  const reader = new StatementReader(name, (role) => mappedRole(roles, role));
  if (place === 'behind FOR' && !reader.skipPast('FOR')) return name;
  const before = reader.text;
  reader.takeRole();
  if (reader.text === before) return name;
  return reader.tokens
    .map(({ text }) => (/^"[a-z_][a-z0-9_]*"$/.test(text) && !before.includes(text) ? text.slice(1, -1) : text))
    .join('');
}
