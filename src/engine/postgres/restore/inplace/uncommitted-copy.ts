/**
 * A restored database that nobody else can see yet: it is compared and checked from within its transaction, and adopted by
 * COMMIT. Disposed without that, it was never there.
 */

import type { Difference, Fingerprint } from '../../../../domain/fingerprint.ts';
import type { Finding } from '../../../../domain/finding.ts';
import type { RoleMap } from '../../../../domain/role-map.ts';
import type { Work } from '../../../../domain/work.ts';
import type { RestoredCopy } from '../../../engine.ts';
import type { Session } from '../../connection/session.ts';
import { findInvalidIndexes } from '../database/restored-copy.ts';
import { explainByVersions } from '../database/version-differences.ts';
import { mapFingerprint } from '../roles/map-fingerprint.ts';
import { runAsText } from '../database/query-as-text.ts';
import type { Announced } from './empty-database.ts';
import { commitGuarded } from './transaction/commit-guard.ts';

export interface UncommittedFacts {
  readonly description: string;
  readonly restoreMs: number;
  readonly findings: readonly Finding[];
  readonly announced: readonly Announced[];
  /** Major versions of the server that was backed up, and of this one. */
  readonly majors: readonly [source: number, target: number];
  /** Roles that are called otherwise here. */
  readonly roles: RoleMap;
}

export function makeUncommittedCopy(session: Session, facts: UncommittedFacts): RestoredCopy {
  const { database: name } = session.address;
  const state = { adopted: false, disposed: false };
  return {
    name,
    description: facts.description,
    restoreMs: facts.restoreMs,
    findings: facts.findings,
    expects: (fingerprint) => mapFingerprint(fingerprint, facts.roles),
    isAnnounced: (difference) => isAnnounced(difference, facts.announced),
    explain: (difference) => explainByVersions(difference, ...facts.majors),
    fingerprint: async (expected: Fingerprint, work: Work) => {
      const { readUncommittedFingerprint } = await import('../../fingerprint/restored-fingerprint.ts');
      return readUncommittedFingerprint(session, expected, work.signal);
    },
    check: () => findInvalidIndexes(session),
    countRows: async () => (await import('../database/count-rows.ts')).countRowsIn(session),
    query: (sql, work) => runAsText(session, sql, work.signal),
    analyze: async () => {
      await session.query('analyze');
    },
    adopt: async (work) => {
      await commitGuarded(session, work.signal);
      state.adopted = true;
      return { name, keptAs: null, findings: [] };
    },
    [Symbol.asyncDispose]: async () => {
      if (state.disposed) return;
      state.disposed = true;
      // Without a connection the server has done it.
      if (!state.adopted) await session.query('rollback').catch(() => undefined);
      await session[Symbol.asyncDispose]();
    },
  };
}

/** Only what is too much, or says something else, of what had to stay: a thing that is missing is never excused, but a comment. */
function isAnnounced({ kind, name, what }: Difference, announced: readonly Announced[]): boolean {
  if (what === 'missing' && kind !== 'comment') return false;
  return announced.some((one) => one.kind === kind && one.name === name);
}
