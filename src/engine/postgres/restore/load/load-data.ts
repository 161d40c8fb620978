/**
 * Loads the data of an archive: through several sessions, each with a table of its own, while the archive is still
 * arriving; or through one, straight from the stream, where there is no room for a file between.
 */

import type { Session } from '../../connection/session.ts';
import type { ArchivePiece } from '../../archive/archive-unpacker.ts';
import type { TocEntry } from '../../archive/toc.ts';
import { CopyIn } from './copy-in.ts';
import type { DataSpool } from './data-spool.ts';
import { unpackObjects, type ObjectPiece } from './object-record.ts';

/** Resolves when all is committed. The first error is thrown when everybody has stopped. */
export async function loadThroughSpool(
  pieces: AsyncIterable<ArchivePiece>,
  spool: DataSpool,
  sessions: readonly Session[],
): Promise<void> {
  const failures: unknown[] = [];
  const stopAll = (reason: unknown): void => {
    failures.push(reason);
    spool.fail(reason);
  };
  await Promise.all(
    [fill(spool, pieces), ...sessions.map((session) => loadSegments(spool, session))].map((part) =>
      part.catch(stopAll),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

/** In the order of the archive, on one session. */
export async function loadDirectly(pieces: AsyncIterable<ArchivePiece>, session: Session): Promise<void> {
  let copy: { readonly entry: TocEntry; readonly into: CopyIn } | null = null;
  for await (const piece of pieces) {
    if (piece.kind === 'rows') {
      copy ??= { entry: piece.entry, into: new CopyIn(session, piece.entry.copyStatement) };
      await copy.into.write(piece.message);
      piece.release();
    } else if (piece.kind === 'object') await putObject(session, piece);
    else {
      await copy?.into.end();
      copy = null;
    }
  }
}

async function fill(spool: DataSpool, pieces: AsyncIterable<ArchivePiece>): Promise<void> {
  for await (const piece of pieces) await spool.append(piece);
  spool.end();
}

async function loadSegments(spool: DataSpool, session: Session): Promise<void> {
  for (let segment = await spool.take(); segment !== null; segment = await spool.take()) {
    if (segment.kind === 'objects') {
      for await (const piece of unpackObjects(spool.read(segment))) await putObject(session, piece);
    } else {
      const copy = new CopyIn(session, segment.entry.copyStatement);
      for await (const bytes of spool.read(segment)) await copy.write(bytes);
      await copy.end();
    }
  }
}

async function putObject(session: Session, { oid, offset, bytes }: ObjectPiece): Promise<void> {
  await session.query('select pg_catalog.lo_put($1::oid, $2::bigint, $3::bytea)', [oid, offset, bytes]);
}
