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
  const hold = (isSame: boolean, what: string, option: string | null): void => {
    if (isSame) return;
    differences.push(what);
    if (option !== null) alter.push(option);
  };
  for (const [flag, written] of wanted.flags) hold(present.flags.get(flag) === written, written, written);
  const limit = limitOf(wanted);
  hold(limit === limitOf(present), 'connection limit', `CONNECTION LIMIT ${limit}`);
  const isPasswordSame = !arePasswordsKnown || wanted.password === present.password;
  hold(isPasswordSame, 'password', `PASSWORD ${wanted.password ?? 'NULL'}`);
  hold(
    isSameMoment(wanted.validUntil, present.validUntil),
    'valid until',
    `VALID UNTIL ${wanted.validUntil ?? "'infinity'"}`,
  );
  hold(wanted.comment === present.comment, 'comment', null);
  hold(isSameMap(wanted.labels, present.labels), 'security labels', null);
  return { differences, alter: alter.join(' ') };
}

/** pg_dumpall writes a time in the time zone of the server or the user, which the two sides need not share. */
function isSameMoment(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && momentOf(one) === momentOf(other));
}

/** Milliseconds since 1970 of a literal in ISO style, `'2040-01-01 05:45:00+05:45'`; NaN, equal to nothing, for any other. */
function momentOf(literal: string): number {
  const [, day, time, zone] = /^'(\d{4}-\d\d-\d\d) ([\d:.]+)([+-]\d\d(?::\d\d)?)'$/.exec(literal) ?? [];
  if (day === undefined || time === undefined || zone === undefined) return Number.NaN;
  return Date.parse(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`);
}

function limitOf({ connectionLimit }: RoleDefinition): string {
  return connectionLimit ?? '-1';
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
