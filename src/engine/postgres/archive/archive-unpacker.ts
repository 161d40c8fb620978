/**
 * Takes the data of an archive apart while it passes: the rows of a table as CopyData messages, ready to be sent, large
 * objects in pieces. Every byte is accounted for; what does not fit is `damaged-archive`.
 *
 * A message may end in the middle of a row (PostgreSQL documentation, "COPY Operations"): all messages of a table belong
 * to one session, in their order.
 */

import { BufferPool } from '../../../codec/frame-buffers.ts';
import {
  blockHeaderBytes,
  damagedArchive,
  dataBlock,
  describeEntry,
  intBytes,
  objectsBlock,
  readArchiveInt,
} from './block-form.ts';
import { isCopyStatement } from './copy-statement.ts';
import type { ArchiveToc, TocEntry } from './toc.ts';

export type ArchivePiece =
  /** `message` is the taker's until it calls `release`. */
  | { readonly kind: 'rows'; readonly entry: TocEntry; readonly message: Buffer; release(): void }
  | { readonly kind: 'rows-end'; readonly entry: TocEntry }
  | {
      readonly kind: 'object';
      readonly entry: TocEntry;
      readonly oid: number;
      readonly offset: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'objects-end'; readonly entry: TocEntry };

type State = 'block header' | 'chunk length' | 'chunk' | 'object number' | 'head again';

/** Plain bytes of a message, and of a piece of a large object (a multiple of LOBLKSIZE). */
export const batchBytes = 128 * 1024;
const messageHeaderBytes = 5;
const copyDataType = 'd'.charCodeAt(0);
const newline = 10;
/** What pg_dump writes behind the last row (pg_dump.c, dumpTableData_copy). */
const endOfRows = Buffer.from('\\.\n\n\n');

/** True when all data of the archive can be taken apart here: rows as COPY text, for a table whose schema is said. */
export function canUnpack(toc: ArchiveToc): boolean {
  const holdsOther = (entry: TocEntry): boolean =>
    entry.dataState !== 'none' && entry.desc !== 'BLOBS' && !isCopyStatement(entry.copyStatement);
  return !toc.compressed && !toc.entries.some(holdsOther);
}

export class ArchiveUnpacker {
  readonly #entries: ReadonlyMap<number, TocEntry>;
  readonly #seen = new Set<number>();
  readonly #pool = new BufferPool(messageHeaderBytes + batchBytes);
  readonly #header = Buffer.alloc(blockHeaderBytes);
  #headerHeld = 0;
  #state: State = 'block header';
  #entry: TocEntry | null = null;
  #isRows = false;
  #chunkLeft = 0;
  #batch: Buffer;
  #filled = messageHeaderBytes;
  /** The last byte of the table's rows that was given away; a newline before the first. */
  #lastSent = newline;
  #oid = 0;
  #objectOffset = 0;

  constructor(toc: ArchiveToc) {
    this.#entries = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
    this.#batch = this.#pool.take();
  }

  /** Takes the bytes behind the archive's head, in pieces of any size, which may be reused afterwards. */
  *take(chunk: Buffer): Generator<ArchivePiece> {
    let at = 0;
    while (at < chunk.length && this.#state !== 'head again') {
      if (this.#state === 'chunk') {
        const part = Math.min(this.#chunkLeft, chunk.length - at, this.#batch.length - this.#filled);
        chunk.copy(this.#batch, this.#filled, at, at + part);
        at += part;
        this.#filled += part;
        this.#chunkLeft -= part;
        if (this.#chunkLeft === 0) this.#state = 'chunk length';
        if (this.#filled === this.#batch.length) yield this.#isRows ? this.#cutRows() : this.#cutObject();
      } else if (this.#beginWholeChunk(chunk, at)) {
        at += intBytes;
      } else {
        at += this.#gather(chunk, at);
        if (this.#headerHeld === this.#wanted()) yield* this.#takeHeader();
      }
    }
  }

  /** Throws when the archive ended too early. */
  finish(): void {
    const isWhole = this.#state === 'head again' || (this.#state === 'block header' && this.#headerHeld === 0);
    if (!isWhole) {
      throw damagedArchive(`the archive ends in the middle of ${this.#where()}`);
    }
    for (const entry of this.#entries.values()) {
      if (entry.dataState !== 'none' && !this.#seen.has(entry.dumpId)) {
        throw damagedArchive(`the archive ends before ${describeEntry(entry)}`);
      }
    }
  }

  /** The usual case, once per row: a chunk of some bytes, its length at hand. */
  #beginWholeChunk(chunk: Buffer, at: number): boolean {
    if (this.#state !== 'chunk length' || this.#headerHeld > 0) return false;
    if (chunk.length - at < intBytes || chunk[at] !== 0) return false;
    const length = chunk.readInt32LE(at + 1);
    if (length <= 0) return false;
    this.#chunkLeft = length;
    this.#state = 'chunk';
    return true;
  }

  #wanted(): number {
    return this.#state === 'block header' ? blockHeaderBytes : intBytes;
  }

  #gather(chunk: Buffer, at: number): number {
    const part = Math.min(this.#wanted() - this.#headerHeld, chunk.length - at);
    chunk.copy(this.#header, this.#headerHeld, at, at + part);
    this.#headerHeld += part;
    return part;
  }

  *#takeHeader(): Generator<ArchivePiece> {
    this.#headerHeld = 0;
    switch (this.#state) {
      case 'block header':
        this.#beginBlock();
        return;
      case 'object number':
        yield* this.#beginObject();
        return;
      case 'chunk length':
      case 'chunk':
      case 'head again':
        yield* this.#beginChunk();
    }
  }

  #beginBlock(): void {
    const type = this.#header[0];
    // The table of contents once more (archive-walker.ts): it was compared when the archive was looked through.
    if (type === 0) {
      this.#state = 'head again';
      return;
    }
    const entry = this.#entries.get(this.#int(1));
    if (entry === undefined || (type !== dataBlock && type !== objectsBlock)) {
      throw damagedArchive('there is no data block where one should be');
    }
    if (this.#seen.has(entry.dumpId) || entry.dataState === 'none') {
      throw damagedArchive(`data of ${describeEntry(entry)} where none should be`);
    }
    this.#seen.add(entry.dumpId);
    this.#entry = entry;
    this.#isRows = type === dataBlock;
    this.#lastSent = newline;
    this.#filled = messageHeaderBytes;
    this.#state = this.#isRows ? 'chunk length' : 'object number';
  }

  *#beginObject(): Generator<ArchivePiece> {
    this.#oid = this.#int(0) >>> 0;
    this.#objectOffset = 0;
    this.#filled = messageHeaderBytes;
    this.#state = this.#oid === 0 ? 'block header' : 'chunk length';
    if (this.#oid === 0) yield { kind: 'objects-end', entry: this.#present() };
  }

  *#beginChunk(): Generator<ArchivePiece> {
    const length = this.#int(0);
    if (length < 0) throw damagedArchive(`a chunk of ${length} bytes in ${this.#where()}`);
    if (length > 0) {
      this.#chunkLeft = length;
      this.#state = 'chunk';
    } else if (this.#isRows) {
      this.#state = 'block header';
      yield* this.#endRows();
    } else {
      this.#state = 'object number';
      if (this.#filled > messageHeaderBytes) yield this.#cutObject();
    }
  }

  /** The batch is full: all but what could be the end of all rows. */
  #cutRows(): ArchivePiece {
    return this.#rows(this.#filled - endOfRows.length);
  }

  *#endRows(): Generator<ArchivePiece> {
    const entry = this.#present();
    const end = this.#filled - endOfRows.length;
    const isEnd = end >= messageHeaderBytes && this.#batch.subarray(end, this.#filled).equals(endOfRows);
    const before = end === messageHeaderBytes ? this.#lastSent : this.#batch[end - 1];
    if (!isEnd || before !== newline) throw damagedArchive(`the rows of ${describeEntry(entry)} have no end`);
    this.#filled = end;
    if (end > messageHeaderBytes) yield this.#rows(end);
    yield { kind: 'rows-end', entry };
  }

  /** The batch up to `end`, as a message; what is behind it begins the next one. */
  #rows(end: number): ArchivePiece {
    const full = this.#batch;
    const message = full.subarray(0, end);
    message[0] = copyDataType;
    message.writeInt32BE(end - 1, 1);
    this.#lastSent = message[end - 1] ?? 0;
    this.#batch = this.#pool.take();
    full.copy(this.#batch, messageHeaderBytes, end, this.#filled);
    this.#filled = messageHeaderBytes + this.#filled - end;
    const release = (): void => {
      this.#pool.release(message);
    };
    return { kind: 'rows', entry: this.#present(), message, release };
  }

  #cutObject(): ArchivePiece {
    const bytes = Buffer.from(this.#batch.subarray(messageHeaderBytes, this.#filled));
    const offset = this.#objectOffset;
    this.#objectOffset += bytes.length;
    this.#filled = messageHeaderBytes;
    return { kind: 'object', entry: this.#present(), oid: this.#oid, offset, bytes };
  }

  #int(at: number): number {
    const number = readArchiveInt(this.#header, at);
    if (number === null) throw damagedArchive(`a number that cannot be, in ${this.#where()}`);
    return number;
  }

  #present(): TocEntry {
    if (this.#entry === null) throw new TypeError('data before the first block');
    return this.#entry;
  }

  #where(): string {
    return this.#entry === null || this.#state === 'block header'
      ? 'a block header'
      : `the data of ${describeEntry(this.#entry)}`;
  }
}
