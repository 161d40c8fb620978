/** A database that a restore has filled, before anybody else uses it. */

import type { Finding } from '../../../../domain/finding.ts';
import type { Fingerprint } from '../../../../domain/fingerprint.ts';
import type { RoleMap } from '../../../../domain/role-map.ts';
import type { Work } from '../../../../domain/work.ts';
import type { Adoption, RestoredCopy } from '../../../engine.ts';
import type { PgAddress } from '../../connection/address.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { mapFingerprint } from '../roles/map-fingerprint.ts';
import { readServerFacts } from '../../server-facts.ts';
import { queryAsText } from './query-as-text.ts';
import { explainByVersions } from './version-differences.ts';

export interface CopyParts {
  readonly address: PgAddress;
  readonly description: string;
  readonly restoreMs: number;
  readonly findings: readonly Finding[];
  /** Major version of the server that was backed up. */
  readonly sourceMajor: number;
  /** Roles that are called otherwise here. Absent: none. */
  readonly roles?: RoleMap;
  readonly adopt: (work: Work) => Promise<Adoption>;
  /** Removes the database; not called after a successful `adopt`. */
  readonly remove: () => Promise<void>;
  /** Always called, last: connections, servers. */
  readonly release: () => PromiseLike<void>;
}

export function makeRestoredCopy(parts: CopyParts): RestoredCopy {
  const { address } = parts;
  const state = { adopted: false, disposed: false, major: 0 };
  return {
    name: address.database,
    description: parts.description,
    restoreMs: parts.restoreMs,
    findings: parts.findings,
    expects: (fingerprint) => (parts.roles === undefined ? fingerprint : mapFingerprint(fingerprint, parts.roles)),
    explain: (difference) => explainByVersions(difference, parts.sourceMajor, state.major),
    fingerprint: async (expected: Fingerprint, work: Work) => {
      const { readRestoredFingerprint } = await import('../../fingerprint/restored-fingerprint.ts');
      state.major = await readMajor(address, work);
      return readRestoredFingerprint(address, expected, work);
    },
    check: (work) => checkIndexes(address, work),
    countRows: async (work) => (await import('./count-rows.ts')).countRows(address, work),
    query: (sql, work) => queryAsText(address, sql, work.signal),
    analyze: async (work) => {
      await using session = await openSession(address, { purpose: 'analyze', signal: work.signal });
      await session.query('analyze');
    },
    adopt: async (work) => {
      const adoption = await parts.adopt(work);
      state.adopted = true;
      return adoption;
    },
    [Symbol.asyncDispose]: async () => {
      if (state.disposed) return;
      state.disposed = true;
      try {
        if (!state.adopted) await parts.remove();
      } finally {
        await parts.release();
      }
    },
  };
}

async function readMajor(address: PgAddress, work: Work): Promise<number> {
  await using session = await openSession(address, { purpose: 'compare', signal: work.signal });
  return (await readServerFacts(session)).major;
}

async function checkIndexes(address: PgAddress, work: Work): Promise<readonly Finding[]> {
  await using session = await openSession(address, { purpose: 'check', signal: work.signal });
  return await findInvalidIndexes(session);
}

/**
 * A restore builds every index anew, so one that is not valid now was not built. A partitioned index is an exception:
 * it may have been incomplete in the source, and is dumped like that.
 */
export async function findInvalidIndexes(session: Session): Promise<readonly Finding[]> {
  const rows = await session.query<{ name: string; partitioned: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'I' as partitioned
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where not (i.indisvalid and i.indisready and i.indislive) order by 1`,
  );
  return rows.map(({ name, partitioned }) => ({
    severity: partitioned ? 'note' : 'blocking',
    code: 'invalid-index',
    message: `the index ${name} is not valid`,
    hint: partitioned ? 'Attach the missing partitions’ indexes.' : `Run REINDEX INDEX ${name}.`,
  }));
}
