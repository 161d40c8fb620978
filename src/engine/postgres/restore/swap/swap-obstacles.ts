/** What ties the present database to its name or its oid, and cannot be carried over to another one. */

import type { Finding } from '../../../../domain/finding.ts';
import type { Session } from '../../connection/session.ts';

interface Obstacles {
  readonly prepared: string;
  readonly subscriptions: readonly string[];
  readonly slots: readonly string[];
}

/** All of them block. `name` need not exist. */
export async function swapObstacles(session: Session, name: string): Promise<readonly Finding[]> {
  const [row] = await session.query<Obstacles>(
    `select (select count(*) from pg_prepared_xacts where database = $1)::text as prepared,
            array(select s.subname::text from pg_subscription s join pg_database d on d.oid = s.subdbid
                   where d.datname = $1 order by 1) as subscriptions,
            array(select slot_name::text from pg_replication_slots
                   where database = $1 and slot_type = 'logical' order by 1) as slots`,
    [name],
  );
  if (row === undefined) return [];
  const findings: Finding[] = [];
  if (row.prepared !== '0') findings.push(preparedFinding(name, row.prepared));
  if (row.subscriptions.length > 0) findings.push(subscriptionFinding(name, row.subscriptions));
  if (row.slots.length > 0) findings.push(slotFinding(name, row.slots));
  return findings;
}

function preparedFinding(name: string, count: string): Finding {
  return {
    severity: 'blocking',
    code: 'prepared-transactions',
    message: `${name} has ${count} prepared transaction${count === '1' ? '' : 's'}, and cannot be renamed until they end`,
    hint: 'Find them in pg_prepared_xacts and end them with COMMIT PREPARED or ROLLBACK PREPARED.',
  };
}

function subscriptionFinding(name: string, names: readonly string[]): Finding {
  return {
    severity: 'blocking',
    code: 'subscriptions',
    message: `${name} has subscriptions that would go on changing the replaced database: ${names.join(', ')}`,
    hint: 'Drop them (after the restore the restored ones have to be enabled and refreshed), or restore with --into.',
  };
}

function slotFinding(name: string, names: readonly string[]): Finding {
  return {
    severity: 'blocking',
    code: 'logical-slots',
    message: `logical replication slots belong to ${name} and cannot be carried over: ${names.join(', ')}`,
    hint: 'Stop their consumers and drop them with pg_drop_replication_slot, or restore with --into.',
  };
}
