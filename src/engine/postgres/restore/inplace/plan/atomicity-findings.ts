/** What could not be done in one transaction, or could not be undone by it: refused before anything is touched. */

import type { Finding } from '../../../../../domain/finding.ts';
import type { Session } from '../../../connection/session.ts';
import { quoteIdentifier } from '../../../quote.ts';
import type { ServerFacts } from '../../../server-facts.ts';
import { blocking } from '../../plan/plan-findings.ts';
import type { PresentObject } from '../present/present-objects.ts';

interface Ties {
  readonly prepared: string;
  readonly subscriptions: readonly string[];
  readonly temporary: boolean;
  readonly locks: string;
  readonly room: string;
}

const shownNames = 5;

export async function atomicityFindings(
  session: Session,
  facts: ServerFacts,
  objects: readonly PresentObject[],
): Promise<readonly Finding[]> {
  const [row] = await session.query<Ties>(tiesSql);
  if (row === undefined) return [];
  const checks = [
    preparedFinding(row),
    subscriptionFinding(row),
    temporaryFinding(row, facts),
    lockFinding(row),
    ownerFinding(objects, facts),
  ];
  return checks.filter((finding) => finding !== null);
}

/**
 * Every object that is dropped is locked until the end, and so is every one that is made (documentation,
 * `max_locks_per_transaction`). The room is what the server's lock table was made for (lock.c, NLOCKENTS).
 */
const tiesSql = `
  select (select count(*) from pg_prepared_xacts where database = current_database())::text as prepared,
         array(select s.subname::text from pg_subscription s
                where s.subdbid = (select oid from pg_database where datname = current_database()) order by 1) as subscriptions,
         has_database_privilege(current_database(), 'temporary') as temporary,
         (2 * (select count(*) from pg_class where oid >= 16384)
          + (select count(*) from pg_type where oid >= 16384) + (select count(*) from pg_proc where oid >= 16384)
          + (select count(*) from pg_constraint where oid >= 16384) + (select count(*) from pg_attrdef)
          + (select count(*) from pg_trigger) + (select count(*) from pg_largeobject_metadata))::text as locks,
         (select setting::bigint from pg_settings where name = 'max_locks_per_transaction')
           * (select sum(setting::bigint) + 1 from pg_settings
               where name in ('max_connections', 'max_prepared_transactions', 'autovacuum_max_workers',
                              'max_worker_processes', 'max_wal_senders')) as room`;

function preparedFinding({ prepared }: Ties): Finding | null {
  if (prepared === '0') return null;
  return blocking(
    'prepared-transactions',
    `the database has ${prepared} prepared transaction${prepared === '1' ? '' : 's'}, whose locks nobody can wait out`,
    'Find them in pg_prepared_xacts and end them with COMMIT PREPARED or ROLLBACK PREPARED.',
  );
}

function subscriptionFinding({ subscriptions }: Ties): Finding | null {
  if (subscriptions.length === 0) return null;
  return blocking(
    'subscriptions',
    `subscriptions cannot be dropped within a transaction: ${subscriptions.join(', ')}`,
    'Drop them first (after the restore the restored ones have to be enabled and refreshed).',
  );
}

function temporaryFinding({ temporary }: Ties, { user, database }: ServerFacts): Finding | null {
  if (temporary) return null;
  return blocking(
    'no-temporary-tables',
    `user ${user} may not make temporary tables in ${database}, which guard the transaction`,
    `As the owner of the database: GRANT TEMPORARY ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)}.`,
  );
}

function lockFinding({ locks, room }: Ties): Finding | null {
  if (Number(locks) <= Number(room)) return null;
  return blocking(
    'too-many-objects',
    `about ${locks} objects would have to be locked in one transaction, and the server has room for ${room}`,
    'Raise max_locks_per_transaction on the server (it needs a restart), or let the restore create a database beside (CREATEDB).',
  );
}

function ownerFinding(objects: readonly PresentObject[], { user }: ServerFacts): Finding | null {
  const foreign = objects.filter(({ mayDrop }) => !mayDrop);
  if (foreign.length === 0) return null;
  const names = foreign.slice(0, shownNames).map(({ name, owner }) => `${name}${owner === null ? '' : ` of ${owner}`}`);
  const more = foreign.length > shownNames ? ` and ${String(foreign.length - shownNames)} more` : '';
  return blocking(
    'not-owner-of-objects',
    `user ${user} may not drop what other roles own: ${names.join(', ')}${more}`,
    'Restore as the owner of the objects or of their schema, or as a superuser.',
  );
}
