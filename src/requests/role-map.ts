/** Which roles are called otherwise where something is restored, and which cannot be. */

import type { RoleMap } from '../domain/role-map.ts';
import { requestErrors } from './errors.ts';

/** In bytes: PostgreSQL cuts names behind it (NAMEDATALEN). */
const longestName = 63;

export interface RolePair {
  readonly from: string;
  readonly to: string;
  /** As it was written, for the error. */
  readonly written: string;
}

/** Throws `usage`, with the hint given. */
export function roleMapOf(pairs: readonly RolePair[], hint: string): RoleMap {
  const roles = new Map<string, string>();
  for (const { from, to, written } of pairs) {
    const problem = problemOf(from, to, roles);
    if (problem !== null) throw requestErrors.make('usage', `${written} ${problem}`, { hint });
    roles.set(from, to);
  }
  return roles;
}

function problemOf(from: string, to: string, before: RoleMap): string | null {
  if (from === '' || to === '') return 'lacks the name of a role';
  if (before.has(from)) return `maps ${from} a second time`;
  if (Buffer.byteLength(to) > longestName) return 'names a role that is too long';
  const reserved = [from, to].find((name) => name.startsWith('pg_') || ['public', 'none'].includes(name));
  return reserved === undefined ? null : `names ${reserved}, which is PostgreSQL's own on every server`;
}
