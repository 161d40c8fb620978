/** What is not the same on both sides because the two servers are of different versions, and for no other reason. */

import type { Finding } from '../../../../domain/finding.ts';
import type { Difference } from '../../../../domain/fingerprint.ts';

/** From this version on PUBLIC may not create objects in the schema public (PostgreSQL 15, release notes). */
const closedPublicMajor = 15;

const privileges = /^(privileges \[.*\]) instead of (privileges \[.*\])$/s;

/** Null for every other difference: it is one of the copy. */
export function explainByVersions(
  { kind, name, what }: Difference,
  sourceMajor: number,
  targetMajor: number,
): Finding | null {
  const isUpgrade = sourceMajor < closedPublicMajor && targetMajor >= closedPublicMajor;
  const [, is, was] = privileges.exec(what) ?? [];
  if (!isUpgrade || kind !== 'acl' || name !== 'schema public' || is === undefined || was === undefined) return null;
  // The first privileges of the schema are in no dump of pg_dump before 15: each server has its own.
  if (is === was || is !== was.replace('"+public=ALL"', '"+public=USAGE"')) return null;
  return {
    severity: 'warning',
    code: 'public-schema-closed',
    message: `PostgreSQL ${String(targetMajor)} lets only the owner of the database create objects in the schema public; on PostgreSQL ${String(sourceMajor)} everybody could`,
    hint: 'If the application needs it: GRANT CREATE ON SCHEMA public TO PUBLIC, or to its role.',
  };
}
