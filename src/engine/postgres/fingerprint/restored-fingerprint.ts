/**
 * Reads a restored database the way the fingerprint of its backup was read: the same tables, the same columns in the same order, the same
 * encoding. What is not there is left out, for the comparison to find.
 */

import { availableParallelism } from 'node:os';
import type { Fingerprint, LargeObjectsFingerprint, TableFingerprint } from '../../../domain/fingerprint.ts';
import type { Work } from '../../../domain/work.ts';
import type { PgAddress } from '../connection/address.ts';
import { openSession, type Session } from '../connection/session.ts';
import { hashInSession } from './copy/hash-in-session.ts';
import { hashTables, type TableHash } from './copy/copy-reader.ts';
import { countTables, type CountableTable } from './count-tables.ts';
import { readObjects } from './inventory.ts';
import { hashLargeObjects } from './large-objects.ts';
import { readSequenceValues } from './sequences.ts';
import { formatSum } from './source-fingerprint.ts';

const mostConnections = 4;

export async function readRestoredFingerprint(
  address: PgAddress,
  expected: Fingerprint,
  work: Work,
): Promise<Fingerprint> {
  const { signal } = work;
  await using session = await openSession(address, { purpose: 'compare', signal });
  await session.query('begin isolation level repeatable read read only');
  const [exported] = await session.query<{ id: string }>('select pg_export_snapshot() as id');
  const hashAll: HashAll = (tables, encoding) =>
    hashTables(address, tables, {
      snapshot: exported?.id ?? null,
      connections: Math.min(mostConnections, availableParallelism()),
      encoding,
      signal,
    });
  return await readAs(session, expected, hashAll, signal);
}

/** The same within the session's own transaction, where nobody else can see what it holds. */
export async function readUncommittedFingerprint(
  session: Session,
  expected: Fingerprint,
  signal: AbortSignal,
): Promise<Fingerprint> {
  const hashAll: HashAll = (tables, encoding) => hashInSession(session, tables, encoding, signal);
  return await readAs(session, expected, hashAll, signal);
}

type HashAll = (tables: readonly TableFingerprint[], encoding: string) => Promise<readonly TableHash[]>;

async function readAs(
  session: Session,
  expected: Fingerprint,
  hashAll: HashAll,
  signal: AbortSignal,
): Promise<Fingerprint> {
  const [server] = await session.query<{ encoding: string; version: number }>(
    `select current_setting('server_encoding') as encoding, current_setting('server_version_num')::int as version`,
  );
  const major = Math.floor((server?.version ?? 0) / 10_000);
  const encoding = expected.encoding ?? server?.encoding ?? 'UTF8';
  const present = await presentTables(session, expected.tables);
  const hashed = present.filter((table) => table.sum !== null);
  const hashes = await hashAll(hashed, encoding);
  const counted = present.filter((table) => table.sum === null);
  const counts = await countTables(session, counted.map(countable));
  return {
    version: 1,
    engine: 'postgres',
    mode: expected.mode,
    ...(expected.encoding === undefined ? {} : { encoding }),
    tables: [
      ...hashed.map((table, at) => ({ ...table, rows: hashes[at]?.rows ?? 0, sum: formatSum(hashes[at]?.sum ?? 0n) })),
      ...counted.map((table, at) => ({ ...table, rows: counts[at] ?? 0 })),
    ],
    largeObjects:
      expected.largeObjects === null ? null : await readLargeObjects(session, expected.largeObjects, signal),
    sequences: await readSequenceValues(session, expected.sequences, expected.objects.length > 0),
    objects: expected.objects.length > 0 ? await readObjects(session, major) : [],
  };
}

/** Content is read also where only the sizes are compared: nothing else tells them. */
async function readLargeObjects(
  session: Session,
  expected: LargeObjectsFingerprint,
  signal: AbortSignal,
): Promise<LargeObjectsFingerprint> {
  const { count, bytes, sum } = await hashLargeObjects(session, signal);
  return { count, bytes, sum: expected.sum === null ? null : formatSum(sum) };
}

function countable(table: TableFingerprint): CountableTable {
  const { schema, kind, condition } = table;
  return {
    schema,
    table: table.table,
    kind: kind === 'virtual-table' ? 'table' : kind,
    ...(condition === undefined ? {} : { condition }),
  };
}

/** The expected tables that are there, with those of their columns that are. */
async function presentTables(
  session: Session,
  expected: readonly TableFingerprint[],
): Promise<readonly TableFingerprint[]> {
  const rows = await session.query<{ at: number; columns: readonly string[] }>(
    `select (t.at - 1)::int as at,
            coalesce((select array_agg(a.attname::text) from pg_attribute a
                       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '{}') as columns
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as t(schema, name, kind, at)
       join pg_namespace n on n.nspname = t.schema
       join pg_class c on c.relnamespace = n.oid and c.relname = t.name
      where c.relkind = case t.kind when 'materialized-view' then 'm' else 'r' end
        and (c.relkind <> 'm' or c.relispopulated)
      order by t.at`,
    [expected.map((one) => one.schema), expected.map((one) => one.table), expected.map((one) => one.kind)],
  );
  return rows.flatMap(({ at, columns }) => {
    const table = expected[at];
    if (table === undefined) return [];
    return [{ ...table, columns: table.columns.filter((name) => columns.includes(name)) }];
  });
}
