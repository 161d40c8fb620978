/**
 * Loads the data of an archive: through several sessions, each with a table of its own, while the archive is still
 * arriving; or through one, straight from the stream, where there is no room for a file between.
 */

import type { Session } from '../../connection/session.ts';
import type { ArchivePiece } from '../../archive/archive-unpacker.ts';
import { damagedArchive, describeEntry } from '../../archive/block-form.ts';
import type { TocEntry } from '../../archive/toc.ts';
import { CopyIn } from './copy-in.ts';
import type { DataSpool } from './data-spool.ts';
import { unpackObjects, type ObjectPiece } from './object-record.ts';

/** Resolves when all is committed. The first error is thrown when everybody has stopped. */
export async function loadThroughSpool(
  pieces: AsyncIterable<ArchivePiece>,
  spool: DataSpool,
  sessions: readonly Session[],
  statements: ReadonlyMap<TocEntry, Buffer>,
): Promise<void> {
  const failures: unknown[] = [];
  const stopAll = (reason: unknown): void => {
    failures.push(reason);
    spool.fail(reason);
  };
  await Promise.all(
    [fill(spool, pieces), ...sessions.map((session) => loadSegments(spool, session, statements))].map((part) =>
      part.catch(stopAll),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

/** In the order of the archive, on one session. */
export async function loadDirectly(
  pieces: AsyncIterable<ArchivePiece>,
  session: Session,
  statements: ReadonlyMap<TocEntry, Buffer>,
): Promise<void> {
  let copy: CopyIn | null = null;
  for await (const piece of pieces) {
    switch (piece.kind) {
      case 'rows':
        copy ??= await beginCopy(session, piece.entry, statements);
        await copy.write(piece.message);
        piece.release();
        break;
      case 'object':
        await putObject(session, piece);
        break;
      case 'rows-end':
        if (copy !== null) await endCopy(session, copy);
        copy = null;
        break;
      case 'objects-end':
    }
  }
}

async function fill(spool: DataSpool, pieces: AsyncIterable<ArchivePiece>): Promise<void> {
  for await (const piece of pieces) await spool.append(piece);
  spool.end();
}

async function loadSegments(
  spool: DataSpool,
  session: Session,
  statements: ReadonlyMap<TocEntry, Buffer>,
): Promise<void> {
  for (let segment = await spool.take(); segment !== null; segment = await spool.take()) {
    if (segment.kind === 'objects') {
      await session.query('BEGIN');
      for await (const piece of unpackObjects(spool.read(segment))) await putObject(session, piece);
      await session.query('COMMIT');
    } else {
      const copy = await beginCopy(session, segment.entry, statements);
      for await (const bytes of spool.read(segment)) await copy.write(bytes);
      await endCopy(session, copy);
    }
  }
}

/** In a transaction of its own. What fails ends with its session. */
async function beginCopy(
  session: Session,
  entry: TocEntry,
  statements: ReadonlyMap<TocEntry, Buffer>,
): Promise<CopyIn> {
  const statement = statements.get(entry);
  if (statement === undefined) throw damagedArchive(`rows of ${describeEntry(entry)}, which has no COPY statement`);
  await session.query('BEGIN');
  return new CopyIn(session, statement);
}

async function endCopy(session: Session, copy: CopyIn): Promise<void> {
  await copy.end();
  await session.query('COMMIT');
}

async function putObject(session: Session, { oid, offset, bytes }: ObjectPiece): Promise<void> {
  await session.query('select pg_catalog.lo_put($1::oid, $2::bigint, $3::bytea)', [oid, offset, bytes]);
}
