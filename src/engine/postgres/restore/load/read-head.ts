/** The table of contents of an archive in a stream, without losing the bytes that had to be read for it. */

import { noRoles, type RoleMap } from '../../../../domain/role-map.ts';
import { archiveErrors } from '../../archive/errors.ts';
import { TocReader } from '../../archive/toc-reader.ts';
import type { ArchiveToc } from '../../archive/toc.ts';

/** Disposing closes the stream, read to its end or not. */
export interface ArchiveHead extends AsyncDisposable {
  readonly toc: ArchiveToc;
  /** The archive's own bytes up to its first data block: what pg_restore needs for everything but data. */
  readonly headBytes: Buffer;
  /** The whole archive again, from its first byte. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What is behind the head. Only one of the two can be read. */
  readonly dataBytes: AsyncIterable<Uint8Array>;
}

/** With `roles` the head is as if they had always been called so. Throws `damaged-archive` when the archive ends within its head. */
export async function readHead(archive: AsyncIterable<Uint8Array>, roles: RoleMap = noRoles): Promise<ArchiveHead> {
  const rest = archive[Symbol.asyncIterator]();
  const reader = new TocReader();
  const read: Buffer[] = [];
  try {
    for (;;) {
      const next = await rest.next();
      if (next.done === true) {
        throw archiveErrors.make('damaged-archive', 'the archive ends before its table of contents does');
      }
      // The chunk is the source's again at its next pull.
      const chunk = Buffer.from(next.value);
      read.push(chunk);
      const found = reader.push(chunk);
      if (found !== null) return await head(found.toc, Buffer.concat(read), rest, roles);
    }
  } catch (thrown) {
    await rest.return?.();
    throw thrown;
  }
}

/** Only the table of contents; the stream is closed. */
export async function readToc(archive: AsyncIterable<Uint8Array>, roles: RoleMap = noRoles): Promise<ArchiveToc> {
  await using head = await readHead(archive, roles);
  return head.toc;
}

async function head(
  written: ArchiveToc,
  read: Buffer,
  rest: AsyncIterator<Uint8Array>,
  roles: RoleMap,
): Promise<ArchiveHead> {
  const data = read.subarray(written.headerBytes);
  const given = { toc: written, headBytes: read.subarray(0, written.headerBytes) };
  const { toc, headBytes } = roles.size === 0 ? given : await withRoles(given, roles);
  return {
    toc,
    headBytes,
    bytes: rejoin(headBytes, rejoin(data, rest)),
    dataBytes: rejoin(data, rest),
    [Symbol.asyncDispose]: async () => {
      await rest.return?.();
    },
  };
}

async function withRoles(
  { toc, headBytes }: Pick<ArchiveHead, 'toc' | 'headBytes'>,
  roles: RoleMap,
): Promise<Pick<ArchiveHead, 'toc' | 'headBytes'>> {
  const { mapRolesInHead } = await import('../roles/map-head.ts');
  const mapped = mapRolesInHead(headBytes, toc, roles);
  const found = new TocReader().push(mapped.headBytes);
  if (found === null) throw new TypeError('the head of an archive with other roles cannot be read again');
  return { toc: found.toc, headBytes: mapped.headBytes };
}

async function* rejoin(read: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  if (read.length > 0) yield read;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}
