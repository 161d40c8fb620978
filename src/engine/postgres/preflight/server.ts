/** What the server itself means for a backup: age, standby, room in the lock table. */

import type { Finding } from '../../../domain/finding.ts';
import type { Scope } from '../../../domain/scope.ts';
import type { Session } from '../connection/session.ts';
import type { ScopeRelation } from '../dump/scope-tables.ts';
import { oldestMajor, type ServerFacts } from '../server-facts.ts';

/** The newest major version this program was tried with. */
const newestKnownMajor = 18;

export async function findServerTroubles(
  session: Session,
  facts: ServerFacts,
  scope: Scope,
  relations: readonly ScopeRelation[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [...versionFindings(facts), ...lockFindings(facts, relations)];
  if (facts.isStandby) findings.push(...(await standbyFindings(session, scope, relations)));
  return findings;
}

export function versionFindings(facts: ServerFacts): readonly Finding[] {
  if (facts.major < oldestMajor) {
    return [
      {
        severity: 'blocking',
        code: 'server-too-old',
        message: `the server is PostgreSQL ${facts.version}`,
        hint: `Dumps are taken from PostgreSQL ${String(oldestMajor)} and newer: upgrade the server.`,
      },
    ];
  }
  if (facts.major <= newestKnownMajor) return [];
  return [
    {
      severity: 'warning',
      code: 'server-unknown',
      message: `PostgreSQL ${facts.version} is newer than any version Holdfast was tried with`,
      hint: 'Drill the backup before you rely on it.',
    },
  ];
}

function lockFindings(facts: ServerFacts, relations: readonly ScopeRelation[]): readonly Finding[] {
  const tables = relations.filter((relation) => relation.kind === 'table' || relation.kind === 'partitioned').length;
  if (tables < facts.lockSlots * 0.7) return [];
  return [
    {
      severity: 'warning',
      code: 'lock-table-small',
      message: `${String(tables)} tables have to be locked, and the server surely has room for ${String(facts.lockSlots)}`,
      hint: 'Raise max_locks_per_transaction on the server (it needs a restart).',
    },
  ];
}

async function standbyFindings(
  session: Session,
  scope: Scope,
  relations: readonly ScopeRelation[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const unlogged = relations.filter((relation) => relation.kind === 'table' && relation.isUnlogged);
  if (unlogged.length > 0 && scope.kind !== 'schema') {
    findings.push({
      severity: 'warning',
      code: 'unlogged-on-standby',
      message: `the rows of ${String(unlogged.length)} unlogged tables are not on a standby and will be missing`,
      hint: 'Take the backup from the primary if those rows matter.',
    });
  }
  const [row] = await session.query<{ feedback: string }>("select current_setting('hot_standby_feedback') as feedback");
  if (row?.feedback !== 'on') {
    findings.push({
      severity: 'note',
      code: 'standby-conflicts',
      message: 'the server is a standby: a vacuum on the primary may cancel a long backup',
      hint: 'Set hot_standby_feedback = on, or raise max_standby_streaming_delay.',
    });
  }
  return findings;
}
