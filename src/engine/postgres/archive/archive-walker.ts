/**
 * Walks an archive from its first byte to its last (pg_backup_custom.c: _StartData, _StartLOs, _skipData): the head, then
 * data blocks, each with the number of its entry. Every byte is accounted for; what does not fit is `damaged-archive`.
 * Bytes come as ranges of the row hash's own memory and are not needed after `take`.
 */

import type { HashTotals, RowHasher } from '../fingerprint/row-hash/row-hasher.ts';
import type { ArchiveScan, ScannedTable } from './archive-scan.ts';
import {
  blockHeaderBytes,
  damagedArchive as damaged,
  dataBlock,
  describeEntry as describe,
  intBytes,
  objectsBlock,
  readArchiveInt,
} from './block-form.ts';
import { TocReader } from './toc-reader.ts';
import type { ArchiveToc, TocEntry } from './toc.ts';

/** What the next byte belongs to. */
type State = 'head' | 'block header' | 'rows' | 'object number' | 'object' | 'head again' | 'end';

export class ArchiveWalker {
  readonly #memory: Uint8Array;
  readonly #hasher: RowHasher;
  readonly #onToc: (toc: ArchiveToc) => void;
  readonly #tocReader = new TocReader();
  #repeated: TocReader | null = null;
  readonly #tables: ScannedTable[] = [];
  readonly #offsets = new Map<number, number>();
  readonly #header = Buffer.alloc(blockHeaderBytes);
  #headerHeld = 0;
  #toc: ArchiveToc | null = null;
  #entries = new Map<number, TocEntry>();
  #state: State = 'head';
  #entry: TocEntry | null = null;
  #position = 0;
  #objects = { count: 0, bytes: 0, sum: 0n };

  constructor(memory: Uint8Array, hasher: RowHasher, onToc: (toc: ArchiveToc) => void) {
    this.#memory = memory;
    this.#hasher = hasher;
    this.#onToc = onToc;
  }

  /** Takes a range of the memory. */
  take(start: number, length: number): void {
    let at = start;
    const end = start + length;
    while (at < end) {
      const used = this.#step(at, end - at);
      this.#position += used;
      at += used;
    }
  }

  finish(): ArchiveScan {
    if (this.#toc === null) throw damaged('the archive ends before its table of contents does');
    const isWhole = this.#state === 'end' || (this.#state === 'block header' && this.#headerHeld === 0);
    if (!isWhole) {
      throw damaged(`the archive ends in the middle of ${this.#where()}`);
    }
    const missing = this.#toc.entries.find((entry) => entry.dataState !== 'none' && !this.#offsets.has(entry.dumpId));
    if (missing !== undefined) throw damaged(`the archive ends before ${describe(missing)}`);
    return {
      toc: this.#toc,
      tables: this.#tables,
      largeObjects: this.#objects,
      dataOffsets: this.#offsets,
      totalBytes: this.#position,
    };
  }

  #step(at: number, length: number): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(at, length);
      case 'block header':
        return this.#takeHeader(at, length, blockHeaderBytes, () => {
          this.#beginBlock();
        });
      case 'object number':
        return this.#takeHeader(at, length, intBytes, () => {
          this.#beginObject();
        });
      case 'rows':
      case 'object':
        return this.#takeChunks(at, length);
      case 'head again':
        this.#takeHeadAgain(this.#memory.subarray(at, at + length));
        return length;
      case 'end':
        throw damaged('bytes behind the end of the archive');
    }
  }

  #takeHead(at: number, length: number): number {
    const read = this.#tocReader.push(Buffer.from(this.#memory.subarray(at, at + length)));
    if (read === null) return length;
    this.#toc = read.toc;
    this.#entries = new Map(read.toc.entries.map((entry) => [entry.dumpId, entry]));
    this.#state = 'block header';
    this.#onToc(read.toc);
    return length - read.rest.length;
  }

  #takeHeader(at: number, length: number, wanted: number, whole: () => void): number {
    const part = Math.min(wanted - this.#headerHeld, length);
    this.#header.set(this.#memory.subarray(at, at + part), this.#headerHeld);
    this.#headerHeld += part;
    if (this.#headerHeld < wanted) return part;
    this.#headerHeld = 0;
    // The position of a block is that of its first byte, counted before `take` adds this part.
    this.#position += part;
    whole();
    this.#position -= part;
    return part;
  }

  /**
   * pg_dump 16 and newer, when its standard output is a file (`pg_dump -Fc > file`), appends the table of contents with the
   * places of the data instead of writing it over the first: it has opened standard output for appending
   * (pg_backup_archiver.c, _allocAH). No type of block is 0, with which the number of entries begins.
   */
  #takeHeadAgain(bytes: Uint8Array): void {
    this.#repeated ??= this.#tocReader.again();
    const read = this.#repeated.push(Buffer.from(bytes));
    if (read === null) return;
    if (read.rest.length > 0) throw damaged('bytes behind the end of the archive');
    for (const entry of read.toc.entries) {
      const first = this.#entries.get(entry.dumpId);
      const isSame = first?.desc === entry.desc && first.tag === entry.tag && first.definition === entry.definition;
      const isPlaced = entry.dataOffset === null || entry.dataOffset === this.#offsets.get(entry.dumpId);
      if (!isSame || !isPlaced) throw damaged(`the archive names ${describe(entry)} twice, and not alike`);
    }
    this.#state = 'end';
  }

  #beginBlock(): void {
    const type = this.#header[0];
    if (type === 0) {
      this.#state = 'head again';
      this.#takeHeadAgain(this.#header);
      return;
    }
    const start = this.#position - blockHeaderBytes;
    const entry = this.#entries.get(this.#int(1));
    if (entry === undefined || (type !== dataBlock && type !== objectsBlock)) {
      throw damaged(`there is no data block where one should be, at position ${start}`);
    }
    if (this.#offsets.has(entry.dumpId) || entry.dataState === 'none') {
      throw damaged(`data of ${describe(entry)} at position ${start}, where none should be`);
    }
    if (entry.dataOffset !== null && entry.dataOffset !== start) {
      throw damaged(`data of ${describe(entry)} at position ${start} instead of ${entry.dataOffset}`);
    }
    this.#offsets.set(entry.dumpId, start);
    this.#entry = entry;
    this.#hasher.begin(type === dataBlock && this.#holdsRows(entry) ? 'rows' : 'skip');
    this.#state = type === dataBlock ? 'rows' : 'object number';
  }

  #beginObject(): void {
    const oid = this.#int(0) >>> 0;
    if (oid === 0) {
      this.#state = 'block header';
      return;
    }
    this.#state = 'object';
    const compressed = this.#toc?.compressed === true;
    this.#hasher.begin(compressed ? 'skip' : 'content');
    if (!compressed) this.#hasher.beginObject(oid);
  }

  #takeChunks(at: number, length: number): number {
    const used = this.#hasher.takeArchive(at, length);
    if (this.#hasher.blockEnded()) {
      if (this.#state === 'rows') this.#endRows();
      else this.#endObject();
    }
    const fault = this.#hasher.fault();
    if (fault !== null) throw damaged(`${fault} in ${this.#where()}, before position ${this.#position + used}`);
    return used;
  }

  #endRows(): void {
    const entry = this.#entry;
    this.#state = 'block header';
    if (entry === null || !this.#holdsRows(entry)) return;
    this.#hasher.endRows();
    const { count, sum, bytes } = this.#hasher.totals();
    this.#tables.push({ dumpId: entry.dumpId, rows: count, sum, plainBytes: bytes });
  }

  #endObject(): void {
    this.#state = 'object number';
    const before = this.#objects;
    if (this.#toc?.compressed === true) {
      this.#objects = { ...before, count: before.count + 1 };
      return;
    }
    this.#hasher.endObject();
    const { sum, bytes }: HashTotals = this.#hasher.totals();
    this.#objects = {
      count: before.count + 1,
      bytes: before.bytes + bytes,
      sum: BigInt.asUintN(64, before.sum + sum),
    };
  }

  #holdsRows(entry: TocEntry): boolean {
    return entry.copyStatement !== '' && this.#toc?.compressed !== true;
  }

  #int(at: number): number {
    const number = readArchiveInt(this.#header, at);
    if (number === null) throw damaged(`a number that cannot be, in ${this.#where()}`);
    return number;
  }

  #where(): string {
    return this.#entry === null || this.#state === 'block header'
      ? 'a block header'
      : `the data of ${describe(this.#entry)}`;
  }
}
