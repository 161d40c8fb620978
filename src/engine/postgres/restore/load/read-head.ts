/** The table of contents of an archive in a stream, without losing the bytes that had to be read for it. */

import { startArchiveScanner } from '../../archive/archive-scanner.ts';
import type { ArchiveToc } from '../../archive/toc.ts';

/** Disposing closes the stream, read to its end or not. */
export interface ArchiveHead extends AsyncDisposable {
  readonly toc: ArchiveToc;
  /** The whole archive again, from its first byte. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export async function readHead(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ArchiveHead> {
  const rest = archive[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  try {
    await using scanner = startArchiveScanner({ hashRows: false, signal });
    const known: { toc: ArchiveToc | null } = { toc: null };
    scanner.toc.then(
      (toc) => {
        known.toc = toc;
      },
      () => undefined,
    );
    for (;;) {
      const next = await rest.next();
      // Throws: an archive that ends within its head is none.
      if (next.done === true) return head((await scanner.finish()).toc, read, rest);
      read.push(Uint8Array.from(next.value));
      await scanner.push(next.value);
      if (known.toc !== null) return head(known.toc, read, rest);
    }
  } catch (thrown) {
    await rest.return?.();
    throw thrown;
  }
}

/** Only the table of contents; the stream is closed. */
export async function readToc(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ArchiveToc> {
  await using head = await readHead(archive, signal);
  return head.toc;
}

function head(toc: ArchiveToc, read: Uint8Array[], rest: AsyncIterator<Uint8Array>): ArchiveHead {
  return {
    toc,
    bytes: rejoin(read, rest),
    [Symbol.asyncDispose]: async () => {
      await rest.return?.();
    },
  };
}

async function* rejoin(read: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let chunk = read.shift(); chunk !== undefined; chunk = read.shift()) yield chunk;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}
