/**
 * Large objects, read by number in pieces (PostgreSQL documentation, "Server-Side Functions"): holes are zeros, as in a
 * dump. The hash of one is XXH64 with seed 0 of its number (four bytes, the least first) and its content.
 */

import type { Session } from '../connection/session.ts';
import { createHashMemory, inputStart, loadRowHasher, type RowHasher } from './row-hash/row-hasher.ts';

export interface LargeObjectsHash {
  readonly count: number;
  readonly bytes: number;
  /** Sum modulo 2^64. */
  readonly sum: bigint;
}

const pieceBytes = 64 * 1024;
const objectsPerStatement = 32;

export async function countLargeObjects(session: Session): Promise<number> {
  const [row] = await session.query<{ count: string }>('select count(*)::text as count from pg_largeobject_metadata');
  return Number(row?.count);
}

/** In the session's snapshot. Small ones come many at a time, big ones piece by piece. */
export async function hashLargeObjects(session: Session, signal: AbortSignal): Promise<LargeObjectsHash> {
  const memory = createHashMemory(pieceBytes);
  const hasher = loadRowHasher(memory, true);
  const input = new Uint8Array(memory.buffer).subarray(inputStart);
  let total: LargeObjectsHash = { count: 0, bytes: 0, sum: 0n };
  for (let after = '0'; ; ) {
    signal.throwIfAborted();
    const batch = await session.query<{ oid: string; start: Buffer }>(
      `select m.oid::text as oid, lo_get(m.oid, 0, $2) as start from pg_largeobject_metadata m
        where m.oid > $1::oid order by m.oid limit $3`,
      [after, pieceBytes, objectsPerStatement],
    );
    for (const { oid, start } of batch) {
      const { bytes, sum } = await hashOne(session, hasher, input, oid, start, signal);
      total = { count: total.count + 1, bytes: total.bytes + bytes, sum: BigInt.asUintN(64, total.sum + sum) };
    }
    const last = batch.at(-1);
    if (last === undefined) return total;
    after = last.oid;
  }
}

async function hashOne(
  session: Session,
  hasher: RowHasher,
  input: Uint8Array,
  oid: string,
  start: Buffer,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly sum: bigint }> {
  hasher.begin('content');
  hasher.beginObject(Number(oid));
  let piece = start;
  for (let offset = piece.length; ; offset += piece.length) {
    input.set(piece);
    hasher.takeContent(inputStart, piece.length);
    if (piece.length < pieceBytes) break;
    signal.throwIfAborted();
    const [next] = await session.query<{ piece: Buffer }>('select lo_get($1::oid, $2::bigint, $3) as piece', [
      oid,
      String(offset),
      pieceBytes,
    ]);
    piece = next?.piece ?? Buffer.alloc(0);
  }
  hasher.endObject();
  const { bytes, sum } = hasher.totals();
  return { bytes, sum };
}
