/**
 * The databases of a server, found anew each time. Asked for in the database that the address names; where that is not
 * there, or lets nobody in, in `postgres` or `template1`, as pg_dumpall does.
 */

import { HoldfastError } from '../../../domain/error.ts';
import type { Work } from '../../../domain/work.ts';
import type { LeftOutReason, ServerListing, TargetSpec } from '../../engine.ts';
import { describePlace, readAddress, withDatabase, type PgAddress } from '../connection/address.ts';
import { withDatabaseName } from '../connection/connection-uri.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { openSession, type Session } from '../connection/session.ts';
import { parseDatabasePattern } from '../dump/name-pattern.ts';
import { postgresErrors } from '../errors.ts';
import { isMadeByUs } from '../restore/kept.ts';
import { withReached } from '../via/reach.ts';

interface DatabaseRow {
  readonly name: string;
  readonly template: boolean;
  readonly connectable: boolean;
  readonly invalid: boolean;
  readonly excluded: boolean;
}

export async function listDatabases(spec: TargetSpec, exclude: readonly string[], work: Work): Promise<ServerListing> {
  const patterns = exclude.map((pattern) => ({ pattern, expression: parseDatabasePattern(pattern) }));
  const read = readAddress(spec);
  return withReached(read, work.signal, async ({ address }) => {
    await using session = await openAnywhere(address, work.signal);
    const expressions = patterns.map(({ expression }) => expression);
    const rows = await readDatabases(session, expressions);
    const unused = await readUnused(session, expressions);
    const leftOut = rows.flatMap((row) => {
      const why = whyLeftOut(row);
      return why === null ? [] : [{ name: row.name, why }];
    });
    return {
      server: describePlace(read.address),
      databases: rows
        .filter((row) => whyLeftOut(row) === null)
        .map(({ name }) => ({ name, target: { ...spec, url: withDatabaseName(spec.url, name) } })),
      leftOut,
      unmatched: patterns.filter((_, index) => unused.has(index + 1)).map(({ pattern }) => pattern),
    };
  });
}

async function openAnywhere(address: PgAddress, signal: AbortSignal): Promise<Session> {
  let refusal: unknown = null;
  for (const name of new Set([address.database, 'postgres', 'template1'])) {
    try {
      return await openSession(withDatabase(address, name), { purpose: 'list', signal });
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError) || !['database-missing', 'access-refused'].includes(thrown.code))
        throw thrown;
      refusal ??= thrown;
    }
  }
  throw refusal;
}

/** `datconnlimit` is -2 where CREATE or DROP DATABASE was interrupted (pg_database.h, DATCONNLIMIT_INVALID_DB). */
async function readDatabases(session: Session, expressions: readonly string[]): Promise<readonly DatabaseRow[]> {
  try {
    return await session.query<DatabaseRow>(
      `select datname::text as name, datistemplate as template, datallowconn as connectable, datconnlimit = -2 as invalid,
              exists (select from unnest($1::text[]) as p where datname::text ~ p) as excluded
         from pg_database order by datname::text collate "C"`,
      [expressions],
    );
  } catch (thrown) {
    // invalid_regular_expression
    if (errorCodeOf(thrown) !== '2201B') throw thrown;
    const said = thrown instanceof Error ? thrown.message : '';
    throw postgresErrors.make('pattern-invalid', `a pattern for databases cannot be read: ${said}`, { cause: thrown });
  }
}

/** The places, from 1, of patterns that name no database. */
async function readUnused(session: Session, expressions: readonly string[]): Promise<ReadonlySet<number>> {
  const rows = await session.query<{ place: number }>(
    `select p.place::int as place from unnest($1::text[]) with ordinality as p(expression, place)
      where not exists (select from pg_database where datname::text ~ p.expression)`,
    [expressions],
  );
  return new Set(rows.map(({ place }) => place));
}

function whyLeftOut(row: DatabaseRow): LeftOutReason | null {
  if (row.template) return 'template';
  if (row.excluded) return 'excluded';
  if (row.invalid) return 'invalid';
  if (!row.connectable) return 'no-connections';
  return isMadeByUs(row.name) ? 'ours' : null;
}
