/** The tables of a restored database with their rows, counted by SQL in one snapshot. */

import type { Work } from '../../../../domain/work.ts';
import type { TableRows } from '../../../engine.ts';
import type { PgAddress } from '../../connection/address.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { countTables } from '../../fingerprint/count-tables.ts';
import { displayName } from '../tables/choose-tables.ts';

/** Those of PostgreSQL itself and of extensions are left out. */
export async function countRows(address: PgAddress, { signal }: Work): Promise<readonly TableRows[]> {
  await using session = await openSession(address, { purpose: 'count', signal });
  await session.query('begin isolation level repeatable read read only');
  return await countRowsIn(session);
}

/** As the session's present transaction sees them. */
export async function countRowsIn(session: Session): Promise<readonly TableRows[]> {
  const tables = await session.query<{ schema: string; table: string; partitioned: boolean }>(
    `select n.nspname::text as schema, c.relname::text as table, c.relkind = 'p' as partitioned
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend d
                         where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      order by 1, 2`,
  );
  const counted: TableRows[] = [];
  for (const { schema, table, partitioned } of tables) {
    const [rows] = partitioned ? [] : await countTables(session, [{ schema, table, kind: 'table' }]);
    counted.push({ table: displayName(schema, table), rows: rows ?? null });
  }
  return counted;
}
