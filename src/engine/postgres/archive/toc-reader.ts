/**
 * Parses the head of an archive from bytes in pieces of any size. Entries are taken as soon as they are whole, so that a
 * table of contents of any length needs no second copy in memory.
 */

import { ArchiveCursor, NeedMore } from './archive-cursor.ts';
import { archiveErrors } from './errors.ts';
import { decoderOf, type DecodeText } from './text-encoding.ts';
import type { ArchiveToc, TocEntry, TocSection } from './toc.ts';

export interface ArchiveHeadFields {
  readonly minor: number;
  readonly offsetBytes: number;
  readonly compression: ArchiveToc['compression'];
  readonly databaseName: Buffer;
  readonly serverVersion: string;
  readonly dumpVersion: string;
  readonly entryCount: number;
}

/** pg_backup.h, ArchiveFormat. The table of contents of a directory says it is tar. */
export const archiveFormats = { custom: 1, tar: 3 } as const;
const compressions = ['none', 'gzip', 'lz4', 'zstd'] as const;
const sections: Readonly<Record<number, TocSection>> = { 1: 'none', 2: 'pre-data', 3: 'data', 4: 'post-data' };
/** K_OFFSET_POS_NOT_SET, K_OFFSET_POS_SET, K_OFFSET_NO_DATA. */
const offsetStates: Readonly<Record<number, TocEntry['dataState']>> = { 1: 'unknown', 2: 'offset', 3: 'none' };
const oldestMinor = 11;
const newestMinor = 16;

export class TocReader {
  readonly #cursor = new ArchiveCursor();
  readonly #entries: TocEntry[] = [];
  #head: ArchiveHeadFields | null = null;
  #isCountMissing = false;
  #encoding = 'SQL_ASCII';
  #decode: DecodeText = decoderOf('SQL_ASCII');

  /** Null until the last entry has arrived; then also the bytes that follow it. */
  push(bytes: Uint8Array): { readonly toc: ArchiveToc; readonly rest: Uint8Array } | null {
    this.#cursor.append(bytes);
    const head = (this.#head ??= this.#whole(() => readHead(this.#cursor)));
    if (head === null || !this.#hasCount(head)) return null;
    while (this.#entries.length < head.entryCount) {
      const entry = this.#whole(() => readEntry(this.#cursor, head, this.#decode));
      if (entry === null) return null;
      this.#entries.push(entry);
      if (entry.desc === 'ENCODING') this.#useEncoding(entry);
    }
    return { toc: this.#finished(head), rest: this.#cursor.rest() };
  }

  /** For the same entries once more, without what stands before their number. */
  again(): TocReader {
    const reader = new TocReader();
    reader.#head = this.#head;
    reader.#isCountMissing = true;
    return reader;
  }

  #hasCount(head: ArchiveHeadFields): boolean {
    if (!this.#isCountMissing) return true;
    const count = this.#whole(() => this.#cursor.int());
    if (count === null) return false;
    if (count !== head.entryCount) {
      throw archiveErrors.make('damaged-archive', 'there is something behind the last data block of the archive');
    }
    this.#isCountMissing = false;
    return true;
  }

  #finished(head: ArchiveHeadFields): ArchiveToc {
    return {
      archiveVersion: `1.${head.minor}`,
      compressed: head.compression !== 'none',
      compression: head.compression,
      databaseName: this.#decode(head.databaseName),
      serverVersion: head.serverVersion,
      dumpVersion: head.dumpVersion,
      encoding: this.#encoding,
      entries: this.#entries,
      offsetBytes: head.offsetBytes,
      headerBytes: this.#cursor.position,
    };
  }

  #useEncoding(entry: TocEntry): void {
    const name = /^SET client_encoding = '([^']+)'/.exec(entry.definition)?.[1];
    if (name === undefined) throw archiveErrors.make('damaged-archive', 'the archive does not say its encoding');
    this.#encoding = name;
    this.#decode = decoderOf(name);
  }

  #whole<T>(read: () => T): T | null {
    try {
      const record = read();
      this.#cursor.commit();
      return record;
    } catch (thrown) {
      if (!(thrown instanceof NeedMore)) throw thrown;
      this.#cursor.rewind();
      return null;
    }
  }
}

export function readHead(cursor: ArchiveCursor, format: number = archiveFormats.custom): ArchiveHeadFields {
  const { minor, offsetBytes } = readForm(cursor, format);
  const compression = readCompression(cursor, minor);
  // Second, minute, hour, day, month, year, daylight saving: in a zone the archive does not name.
  for (let field = 0; field < 7; field += 1) cursor.int();
  // A copy: the cursor uses its memory again.
  const databaseName = Buffer.from(cursor.string() ?? []);
  const serverVersion = (cursor.string() ?? '').toString('latin1');
  const dumpVersion = (cursor.string() ?? '').toString('latin1');
  const entryCount = cursor.int();
  if (entryCount < 0) throw archiveErrors.make('damaged-archive', `a table of contents of ${entryCount} entries`);
  return { minor, offsetBytes, compression, databaseName, serverVersion, dumpVersion, entryCount };
}

function readForm(cursor: ArchiveCursor, wanted: number): Pick<ArchiveHeadFields, 'minor' | 'offsetBytes'> {
  if (cursor.bytes(5).toString('latin1') !== 'PGDMP') {
    throw archiveErrors.make('unsupported-archive', 'the file does not begin as a custom-format archive does');
  }
  const [major, minor, , intBytes, offsetBytes, format] = [...cursor.bytes(6)];
  if (major !== 1 || minor === undefined || minor < oldestMinor || minor > newestMinor) {
    throw archiveErrors.make(
      'unsupported-archive',
      `archive version ${String(major)}.${String(minor)} is not known here`,
    );
  }
  if (format !== wanted || intBytes !== 4 || (offsetBytes !== 8 && offsetBytes !== 4)) {
    throw archiveErrors.make('unsupported-archive', 'the archive is not of the format it should have');
  }
  return { minor, offsetBytes };
}

/** Before 1.15 a zlib level, where only 0 means none; from then on the algorithm. */
function readCompression(cursor: ArchiveCursor, minor: number): ArchiveToc['compression'] {
  if (minor < 15) return cursor.int() === 0 ? 'none' : 'gzip';
  const algorithm = cursor.byte();
  const name = compressions[algorithm];
  if (name === undefined) throw archiveErrors.make('unsupported-archive', `compression ${algorithm} is not known here`);
  return name;
}

function readEntry(cursor: ArchiveCursor, head: ArchiveHeadFields, decode: DecodeText): TocEntry {
  return { ...readEntryBody(cursor, head, decode), ...readOffset(cursor, head.offsetBytes) };
}

/** All of an entry but the last field, which each format fills in its own way. */
export function readEntryBody(
  cursor: ArchiveCursor,
  head: ArchiveHeadFields,
  decode: DecodeText,
): Omit<TocEntry, 'dataState' | 'dataOffset' | 'offsetFieldPosition'> {
  const optional = (): string | null => {
    const bytes = cursor.string();
    return bytes === null ? null : decode(bytes);
  };
  const text = (): string => optional() ?? '';
  const dumpId = cursor.int();
  cursor.int(); // whether there is data: dataState says it too
  const entry = {
    dumpId,
    tableOid: Number(text()),
    oid: Number(text()),
    tag: text(),
    desc: text(),
    section: readSection(cursor, dumpId),
    definition: text(),
    dropStatement: text(),
    ...readCopyStatement(cursor, decode),
    namespace: text(),
    tablespace: optional(),
    tableAm: head.minor >= 14 ? optional() : null,
    relkind: head.minor >= 16 ? cursor.int() : null,
    owner: text(),
  };
  text(); // "WITH OIDS", long gone
  const dependencies: number[] = [];
  for (let id = optional(); id !== null; id = optional()) dependencies.push(Number(id));
  return { ...entry, dependencies };
}

function readCopyStatement(
  cursor: ArchiveCursor,
  decode: DecodeText,
): Pick<TocEntry, 'copyStatement' | 'copyStatementBytes'> {
  const bytes = cursor.string() ?? Buffer.alloc(0);
  return { copyStatement: decode(bytes), copyStatementBytes: bytes.toString('latin1') };
}

function readSection(cursor: ArchiveCursor, dumpId: number): TocSection {
  const section = sections[cursor.int()];
  if (section !== undefined && dumpId > 0) return section;
  throw archiveErrors.make('damaged-archive', `entry ${dumpId} of the table of contents cannot be read`);
}

function readOffset(
  cursor: ArchiveCursor,
  offsetBytes: number,
): Pick<TocEntry, 'dataState' | 'dataOffset' | 'offsetFieldPosition'> {
  const offsetFieldPosition = cursor.position;
  const dataState = offsetStates[cursor.byte()];
  const field = cursor.bytes(offsetBytes);
  const offset = offsetBytes === 8 ? Number(field.readBigInt64LE()) : field.readInt32LE();
  if (dataState === undefined) {
    throw archiveErrors.make(
      'damaged-archive',
      `an offset in the table of contents cannot be read, at position ${offsetFieldPosition}`,
    );
  }
  return { dataState, dataOffset: dataState === 'offset' ? offset : null, offsetFieldPosition };
}
