/** Where sequences stand: `last_value` and `is_called`, read from each sequence itself. */

import type { SequenceFingerprint } from '../../../domain/fingerprint.ts';
import type { Session } from '../connection/session.ts';
import { qualifiedName } from '../quote.ts';
import { isNoMember, isUserSchema } from './inventory/inventory-query.ts';

interface NamedSequence {
  readonly schema: string;
  readonly name: string;
}

const perStatement = 200;

/** Of the named sequences those that are there; with `others` also every one that belongs to no extension. */
export async function readSequenceValues(
  session: Session,
  named: readonly NamedSequence[],
  others: boolean,
): Promise<readonly SequenceFingerprint[]> {
  const present = await session.query<NamedSequence>(
    `select n.nspname as schema, c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'S' and (
        (n.nspname::text, c.relname::text) in (select * from unnest($1::text[], $2::text[]))
        or $3 and c.relpersistence <> 't' and ${isUserSchema('n')} and ${isNoMember('pg_class', 'c.oid')})
      order by 1, 2`,
    [named.map(({ schema }) => schema), named.map(({ name }) => name), others],
  );
  const values: SequenceFingerprint[] = [];
  for (let start = 0; start < present.length; start += perStatement) {
    values.push(...(await readBatch(session, present.slice(start, start + perStatement))));
  }
  return values;
}

async function readBatch(session: Session, batch: readonly NamedSequence[]): Promise<readonly SequenceFingerprint[]> {
  const parts = batch.map(
    ({ schema, name }, at) =>
      `select ${at} as at, last_value::text as last_value, is_called from ${qualifiedName(schema, name)}`,
  );
  const rows = await session.query<{ at: number; last_value: string; is_called: boolean }>(parts.join(' union all '));
  return rows.flatMap(({ at, last_value, is_called }) => {
    const sequence = batch[at];
    return sequence === undefined ? [] : [{ ...sequence, lastValue: last_value, isCalled: is_called }];
  });
}
