/**
 * The table of contents of a tar archive as a custom archive has it. Both are the same but for the format's number and the
 * last field of each entry: a file's name here, a place in the file there (pg_backup_tar.c and pg_backup_custom.c,
 * _WriteExtraToc).
 */

import { ArchiveCursor, NeedMore } from '../archive/archive-cursor.ts';
import { archiveErrors } from '../archive/errors.ts';
import { decoderOf } from '../archive/text-encoding.ts';
import { archiveFormats, readEntryBody, readHead } from '../archive/toc-reader.ts';

export interface TarTocEntry {
  readonly dumpId: number;
  readonly desc: string;
  /** The member of the tar that holds its data; empty when there is none. */
  readonly file: string;
}

export interface CustomHead {
  readonly bytes: Buffer;
  readonly entries: readonly TarTocEntry[];
}

/** pg_backup_archiver.c, WriteHead: magic (5), version (3), two sizes, then the format. */
const formatPosition = 10;
/** K_OFFSET_POS_NOT_SET, K_OFFSET_NO_DATA. */
const offsetFlags = { notSet: 1, noData: 3 } as const;

/** `toc`: the whole member `toc.dat`. Throws `damaged-archive`, `unsupported-archive`. */
export function customHeadOf(toc: Buffer): CustomHead {
  const cursor = new ArchiveCursor();
  cursor.append(toc);
  try {
    return convert(toc, cursor);
  } catch (thrown) {
    if (!(thrown instanceof NeedMore)) throw thrown;
    throw archiveErrors.make('damaged-archive', 'the table of contents of the tar archive ends too early');
  }
}

function convert(toc: Buffer, cursor: ArchiveCursor): CustomHead {
  const head = readHead(cursor, archiveFormats.tar);
  if (head.compression !== 'none') {
    throw archiveErrors.make('unsupported-archive', 'a tar archive whose table of contents speaks of compressed rows');
  }
  // Names only have to be told apart here: the converted head is decoded again by whoever reads it.
  const decode = decoderOf('SQL_ASCII');
  const start = Buffer.from(toc.subarray(0, cursor.position));
  start.writeUInt8(archiveFormats.custom, formatPosition);
  const parts: Buffer[] = [start];
  const entries: TarTocEntry[] = [];
  while (entries.length < head.entryCount) {
    const from = cursor.position;
    const { dumpId, desc } = readEntryBody(cursor, head, decode);
    parts.push(toc.subarray(from, cursor.position));
    const file = (cursor.string() ?? Buffer.alloc(0)).toString('utf8');
    parts.push(offsetField(file !== '', head.offsetBytes));
    entries.push({ dumpId, desc, file });
  }
  if (cursor.rest().length > 0) {
    throw archiveErrors.make('damaged-archive', 'bytes behind the table of contents of the tar archive');
  }
  return { bytes: Buffer.concat(parts), entries };
}

function offsetField(hasData: boolean, offsetBytes: number): Buffer {
  const field = Buffer.alloc(1 + offsetBytes);
  field.writeUInt8(hasData ? offsetFlags.notSet : offsetFlags.noData);
  return field;
}
