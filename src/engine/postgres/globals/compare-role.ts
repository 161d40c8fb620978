/** One role of a backup beside the role of that name on the server: what differs, in words that hold no secret. */

import type { RoleDefinition } from './model.ts';

export interface RoleComparison {
  /** `CREATEDB`, `connection limit`, `password`. */
  readonly differences: readonly string[];
  /** What stands behind ALTER ROLE x WITH to make it what the backup says; empty when nothing does. May hold a password. */
  readonly alter: string;
}

/** `arePasswordsKnown`: both sides were read by somebody who may see them. */
export function compareRole(
  wanted: RoleDefinition,
  present: RoleDefinition,
  arePasswordsKnown: boolean,
): RoleComparison {
  const differences: string[] = [];
  const alter: string[] = [];
  for (const [flag, written] of wanted.flags) {
    if (present.flags.get(flag) === written) continue;
    differences.push(written);
    alter.push(written);
  }
  if ((wanted.connectionLimit ?? '-1') !== (present.connectionLimit ?? '-1')) {
    differences.push('connection limit');
    alter.push(`CONNECTION LIMIT ${wanted.connectionLimit ?? '-1'}`);
  }
  if (arePasswordsKnown && wanted.password !== present.password) {
    differences.push('password');
    alter.push(`PASSWORD ${wanted.password ?? 'NULL'}`);
  }
  if (wanted.validUntil !== present.validUntil) {
    differences.push('valid until');
    alter.push(`VALID UNTIL ${wanted.validUntil ?? "'infinity'"}`);
  }
  if (wanted.comment !== present.comment) differences.push('comment');
  if (!isSameMap(wanted.labels, present.labels)) differences.push('security labels');
  return { differences, alter: alter.join(' ') };
}

/** What stands behind CREATE ROLE x WITH. */
export function roleOptions(role: RoleDefinition): string {
  return [
    ...role.flags.values(),
    ...(role.connectionLimit === null ? [] : [`CONNECTION LIMIT ${role.connectionLimit}`]),
    ...(role.password === null ? [] : [`PASSWORD ${role.password}`]),
    ...(role.validUntil === null ? [] : [`VALID UNTIL ${role.validUntil}`]),
  ].join(' ');
}

function isSameMap(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
