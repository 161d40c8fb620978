/**
 * A session that can create, rename and drop other databases: PostgreSQL allows none of it to the database one is
 * connected to. `postgres` is there for that purpose (documentation, "Template Databases"), `template1` when it is not.
 */

import { createHash } from 'node:crypto';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { Work } from '../../../domain/work.ts';
import { withDatabase, type PgAddress } from '../connection/address.ts';
import { openSession, type Session } from '../connection/session.ts';
import { quoteIdentifier } from '../quote.ts';
import { restoreErrors } from './errors.ts';
import { restoringName } from './names.ts';

const candidates = ['postgres', 'template1'];

/** `avoid` are the databases that must not be connected to. */
export async function openMaintenance(
  address: PgAddress,
  avoid: readonly string[],
  signal: AbortSignal,
  purpose = 'restore',
): Promise<Session> {
  const names = [...candidates, address.database].filter((name) => !avoid.includes(name));
  let refusal: unknown = null;
  for (const name of new Set(names)) {
    try {
      return await openSession(withDatabase(address, name), { purpose, signal });
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError) || !['database-missing', 'access-refused'].includes(thrown.code))
        throw thrown;
      refusal ??= thrown;
    }
  }
  throw refusal;
}

export async function databaseExists(session: Session, name: string): Promise<boolean> {
  const rows = await session.query('select 1 from pg_database where datname = $1', [name]);
  return rows.length > 0;
}

/** Names of all databases. */
export async function databaseNames(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>('select datname::text as name from pg_database order by 1');
  return rows.map(({ name }) => name);
}

/**
 * Marks `name` as in use by a living run for as long as the session lives: the server itself lets go of the mark when
 * we die.
 */
export async function markInUse(session: Session, name: string): Promise<void> {
  await session.query('select pg_advisory_lock($1::int, $2::int)', markKeys(name));
}

/** True when no living run holds the mark, from whatever database it was set. */
export async function isAbandoned(session: Session, name: string): Promise<boolean> {
  const rows = await session.query(
    `select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 2
        and classid::bigint = $1::int and objid::bigint = $2::int`,
    markKeys(name),
  );
  return rows.length === 0;
}

/** A name for a copy of `database` that no database has. */
export async function freeRestoringName(session: Session, database: string, random: () => string): Promise<string> {
  const taken = new Set(await databaseNames(session));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const name = restoringName(database, random());
    if (!taken.has(name)) return name;
  }
  throw restoreErrors.make('database-exists', `no free name for a copy of ${database} was found`);
}

/**
 * What clears up after a failure must not hide the failure: when it fails as well, that is only reported. The next run
 * names what was left.
 */
export async function clearUp(work: Work, what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    work.report({ kind: 'note', level: 'warn', text: `${what} could not be removed: ${messageOf(thrown)}` });
  }
}

/** Ends every session connected to it. Nothing happens when it is not there. */
export async function dropDatabase(address: PgAddress, name: string): Promise<void> {
  // Not bound to the run's signal: this is how an interrupted run cleans up.
  await using session = await openMaintenance(address, [name], new AbortController().signal, 'cleanup');
  const [row] = await session.query<{ template: boolean }>(
    'select datistemplate as template from pg_database where datname = $1',
    [name],
  );
  // A template cannot be dropped as long as it is one.
  if (row?.template === true) await session.query(`alter database ${quoteIdentifier(name)} is_template false`);
  await session.query(`drop database if exists ${quoteIdentifier(name)} with (force)`);
}

/** Two numbers from 0 to 2^31 - 1, so that they read the same as int4 and as oid. */
function markKeys(name: string): readonly number[] {
  const hash = createHash('sha256').update(`holdfast:${name}`).digest();
  return [hash.readUInt32BE(0) >>> 1, hash.readUInt32BE(4) >>> 1];
}
