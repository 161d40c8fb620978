/**
 * What others made while the database was to be replaced. The locks keep writers off the tables there were, not off new
 * ones; and a safety backup holds only what there was when it was taken. Nothing may be dropped that it does not hold.
 *
 * Large objects cannot be kept from writers: who only reads them takes the lock of a writer too (inv_api.c, open_lo_relation).
 * New ones are noticed, what is written into an old one is not.
 */

import { openSession, type Session } from '../../../connection/session.ts';
import { isUserSchema } from '../../../fingerprint/inventory/inventory-query.ts';
import { qualifiedName } from '../../../quote.ts';
import { restoreErrors } from '../../errors.ts';

/** What there is to lose, read before a safety backup is taken. */
export interface Holdings {
  readonly tables: ReadonlySet<string>;
  /** As numbers: those of large objects are never used again by chance. */
  readonly largeObjects: string;
}

export async function readHoldings(session: Session): Promise<Holdings> {
  const tables = await tablesOf(session);
  return { tables: new Set(tables.keys()), largeObjects: await largeObjectsOf(session) };
}

/**
 * To be asked when everything was dropped, not yet committed: others still see it, and what they made before it went is
 * among it. Throws `in-place-changed`.
 */
export async function demandNothingNew(session: Session, known: Holdings, signal: AbortSignal): Promise<void> {
  await using outside = await openSession(session.address, { purpose: 'swap', signal });
  const [there, here] = [await tablesOf(outside), await tablesOf(session)];
  const [lost] = [...there].flatMap(([oid, name]) => (known.tables.has(oid) || here.has(oid) ? [] : [name]));
  if (lost !== undefined) throw changed(`table ${lost} was made`);
  if ((await largeObjectsOf(outside)) !== known.largeObjects) throw changed('large objects were made or removed');
}

async function tablesOf(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ oid: string; schema: string; name: string }>(
    `select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and ${isUserSchema('n')}`,
  );
  return new Map(rows.map(({ oid, schema, name }) => [oid, qualifiedName(schema, name)]));
}

async function largeObjectsOf(session: Session): Promise<string> {
  const [row] = await session.query<{ objects: string }>(
    `select count(*) || ' ' || coalesce(sum(oid::bigint), 0) || ' ' || coalesce(max(oid), 0) as objects
       from pg_largeobject_metadata`,
  );
  return row?.objects ?? '';
}

function changed(what: string): Error {
  return restoreErrors.make('in-place-changed', `${what} while the database was to be replaced`);
}
