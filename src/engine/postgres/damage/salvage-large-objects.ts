/** Large objects as SQL that makes them again, each as far as it reads: one that does not is left out and named. */

import type { ReadFailure } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { LargeObjectsFingerprint } from '../../../domain/fingerprint.ts';
import type { DamagedSession } from './damaged-session.ts';

const pieceBytes = 256 * 1024;
const numbersPerStatement = 1000;

export interface SavedLargeObjects {
  readonly saved: LargeObjectsFingerprint;
  readonly failures: readonly ReadFailure[];
}

export async function* salvageLargeObjects(session: DamagedSession): AsyncGenerator<string, SavedLargeObjects> {
  const failures: ReadFailure[] = [];
  let count = 0;
  let bytes = 0;
  for (let after = '0'; ; ) {
    const numbers = await attempt(failures, 'the list of large objects', () => numbersAfter(session, after));
    if (numbers === null || numbers.length === 0) break;
    for (const oid of numbers) {
      const size = await attempt(failures, `large object ${oid}`, () => readable(session, oid));
      if (size === null) continue;
      yield `SELECT pg_catalog.lo_create(${oid});\n`;
      for (let offset = 0; offset < size; offset += pieceBytes) {
        const hex = (await piece(session, oid, offset)).toString('hex');
        yield `SELECT pg_catalog.lo_put(${oid}, ${String(offset)}, '\\x${hex}');\n`;
      }
      count += 1;
      bytes += size;
    }
    after = numbers.at(-1) ?? after;
  }
  return { saved: { count, bytes, sum: null }, failures };
}

async function attempt<T>(failures: ReadFailure[], what: string, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    failures.push({ what, error: messageOf(thrown) });
    return null;
  }
}

async function numbersAfter(session: DamagedSession, after: string): Promise<readonly string[]> {
  const rows = await session.query<{ oid: string }>(
    'select oid::text as oid from pg_largeobject_metadata where oid > $1::oid order by oid limit $2',
    [after, numbersPerStatement],
  );
  return rows.map(({ oid }) => oid);
}

/** Its size, after all of it was read once: nothing is written of one that breaks off. */
async function readable(session: DamagedSession, oid: string): Promise<number> {
  let size = 0;
  for (;;) {
    const { length } = await piece(session, oid, size);
    size += length;
    if (length < pieceBytes) return size;
  }
}

async function piece(session: DamagedSession, oid: string, offset: number): Promise<Buffer> {
  const [row] = await session.query<{ piece: Buffer }>('select lo_get($1::oid, $2::bigint, $3) as piece', [
    oid,
    String(offset),
    pieceBytes,
  ]);
  return row?.piece ?? Buffer.alloc(0);
}
