/** A person's own query, in a transaction that can change nothing. */

import type { QueryArrayConfig } from 'pg';
import type { PgAddress } from '../../connection/address.ts';
import { queryError } from '../../connection/server-errors.ts';
import { openSession, type Session } from '../../connection/session.ts';

/** The driver's types do not know `queryMode` (pg 8.12 and newer). */
interface TextQuery extends QueryArrayConfig {
  readonly queryMode: 'extended';
}

/** The rows, each value as PostgreSQL writes it. The extended protocol takes one statement only. */
export async function queryAsText(
  address: PgAddress,
  sql: string,
  signal: AbortSignal,
): Promise<readonly (readonly (string | null)[])[]> {
  await using session = await openSession(address, { purpose: 'query', signal });
  await session.query('begin read only');
  // Names resolve as they do for the database's users.
  await session.query('reset search_path');
  return await runAsText(session, sql, signal);
}

/** The same in a session, as it is set. */
export async function runAsText(
  session: Session,
  sql: string,
  signal: AbortSignal,
): Promise<readonly (readonly (string | null)[])[]> {
  const query: TextQuery = {
    text: sql,
    rowMode: 'array',
    queryMode: 'extended',
    types: { getTypeParser: () => (value: string) => value },
  };
  try {
    const result = await session.client.query<(string | null)[]>(query);
    return result.rows;
  } catch (thrown) {
    signal.throwIfAborted();
    throw queryError(thrown, session.address);
  }
}
