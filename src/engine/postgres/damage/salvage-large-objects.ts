/**
 * Large objects as SQL that makes them again, each with its owner and as far as it reads: one that does not is left out and
 * named. Their privileges and comments are not saved.
 */

import type { ReadFailure } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { LargeObjectsFingerprint } from '../../../domain/fingerprint.ts';
import { quoteIdentifier } from '../quote.ts';
import type { DamagedSession } from './damaged-session.ts';

const pieceBytes = 256 * 1024;
const numbersPerStatement = 1000;

export interface SavedLargeObjects {
  readonly saved: LargeObjectsFingerprint;
  readonly failures: readonly ReadFailure[];
  /** To be run where errors do not stop: a role may be missing. */
  readonly owners: readonly string[];
}

interface Listed {
  readonly oid: string;
  readonly owner: string;
}

export async function* salvageLargeObjects(
  session: DamagedSession,
  withOwners: boolean,
): AsyncGenerator<string, SavedLargeObjects> {
  const failures: ReadFailure[] = [];
  const owners: string[] = [];
  let count = 0;
  let bytes = 0;
  for await (const { oid, owner } of listAll(session, failures)) {
    const size = yield* saveOne(session, oid, failures);
    if (size === null) continue;
    if (withOwners) owners.push(`ALTER LARGE OBJECT ${oid} OWNER TO ${quoteIdentifier(owner)};`);
    count += 1;
    bytes += size;
  }
  return { saved: { count, bytes, sum: null }, failures, owners };
}

/** What does not read of them; nothing is kept. */
export async function checkLargeObjects(session: DamagedSession): Promise<readonly ReadFailure[]> {
  const failures: ReadFailure[] = [];
  for await (const { oid } of listAll(session, failures)) {
    await attempt(session, failures, `large object ${oid}`, () => readable(session, oid));
  }
  return failures;
}

async function* listAll(session: DamagedSession, failures: ReadFailure[]): AsyncGenerator<Listed, void> {
  for (let after = '0'; ; ) {
    const objects = await attempt(session, failures, 'the list of large objects', () => listAfter(session, after));
    if (objects === null || objects.length === 0) return;
    yield* objects;
    after = objects.at(-1)?.oid ?? after;
  }
}

/** Its size; null when it does not read: then nothing of it is left. */
async function* saveOne(
  session: DamagedSession,
  oid: string,
  failures: ReadFailure[],
): AsyncGenerator<string, number | null> {
  const what = `large object ${oid}`;
  const size = await attempt(session, failures, what, () => readable(session, oid));
  if (size === null) return null;
  yield `SELECT pg_catalog.lo_create(${oid});\n`;
  for (let offset = 0; offset < size; offset += pieceBytes) {
    const next = await attempt(session, failures, what, () => piece(session, oid, offset));
    if (next === null) {
      yield `SELECT pg_catalog.lo_unlink(${oid});\n`;
      return null;
    }
    yield `SELECT pg_catalog.lo_put(${oid}, ${String(offset)}, '\\x${next.toString('hex')}');\n`;
  }
  return size;
}

async function attempt<T>(
  session: DamagedSession,
  failures: ReadFailure[],
  what: string,
  action: () => Promise<T>,
): Promise<T | null> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    failures.push({ what, error: messageOf(thrown) });
    if (thrown.code === 'server-gone') await session.recover(`${what}: ${messageOf(thrown)}`);
    return null;
  }
}

async function listAfter(session: DamagedSession, after: string): Promise<readonly Listed[]> {
  return await session.query<Listed>(
    `select oid::text as oid, pg_get_userbyid(lomowner)::text as owner
       from pg_largeobject_metadata where oid > $1::oid order by pg_largeobject_metadata.oid limit $2`,
    [after, numbersPerStatement],
  );
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
