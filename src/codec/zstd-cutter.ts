/**
 * Finds where zstd frames begin and end, by the format alone (RFC 8878, section 3), without decoding them. Every byte
 * given is either passed on as part of a frame, part of a skippable frame, or an error.
 */

import { codecErrors } from './errors.ts';

export interface ZstdHeader {
  /** Null when the frame does not say. */
  readonly contentBytes: number | null;
  /** Memory its decoder must keep. */
  readonly windowBytes: number;
  readonly hasDictionary: boolean;
}

export type CutEvent =
  /** A frame begins; its header's bytes follow as the first part. */
  | { readonly kind: 'begin'; readonly header: ZstdHeader }
  /** Bytes of the frame: a view, valid until the next `push`. */
  | { readonly kind: 'part'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

type State = 'magic' | 'descriptor' | 'header' | 'block-header' | 'block' | 'checksum' | 'skippable-size' | 'skippable';

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Magic number, descriptor, window, dictionary, content size. */
const longestHeaderBytes = 4 + 1 + 1 + 4 + 8;

export class ZstdCutter {
  #state: State = 'magic';
  /** Bytes still to come in this state. */
  #missing = 4;
  /** What this state has read of a field, or of the whole header. */
  readonly #field = Buffer.alloc(longestHeaderBytes);
  #filled = 0;
  #lastBlock = false;
  #hasChecksum = false;
  #frames = 0;

  /** Frames found whole so far, skippable ones not counted. */
  get frames(): number {
    return this.#frames;
  }

  *push(chunk: Uint8Array): Generator<CutEvent, void> {
    let position = 0;
    // What of this chunk belongs to the present frame and was not passed on yet.
    let from = 0;
    while (position < chunk.length) {
      const taken = Math.min(this.#missing, chunk.length - position);
      if (this.#isField()) this.#collect(chunk.subarray(position, position + taken));
      position += taken;
      this.#missing -= taken;
      if (this.#missing > 0) break;
      const before = this.#state;
      const header = this.#advance();
      if (header !== null) {
        yield { kind: 'begin', header };
        yield { kind: 'part', bytes: this.#field.subarray(0, this.#filled) };
        this.#filled = 0;
        from = position;
      } else if (this.#state === 'magic') {
        if (before !== 'skippable' && before !== 'skippable-size') {
          if (position > from) yield { kind: 'part', bytes: chunk.subarray(from, position) };
          this.#frames += 1;
          yield { kind: 'end' };
        }
      }
    }
    if (this.#isInside() && position > from) yield { kind: 'part', bytes: chunk.subarray(from, position) };
  }

  /** Call at the end of the bytes: throws unless the last frame was whole and there was one. */
  finish(): void {
    if (this.#state !== 'magic' || this.#missing !== 4) {
      throw damaged(`cut off inside zstd frame ${String(this.#frames + 1)}`);
    }
    if (this.#frames === 0) throw damaged('empty: there is not one zstd frame');
  }

  #isField(): boolean {
    return this.#state !== 'block' && this.#state !== 'checksum' && this.#state !== 'skippable';
  }

  #isInside(): boolean {
    return this.#state === 'block-header' || this.#state === 'block' || this.#state === 'checksum';
  }

  #collect(bytes: Uint8Array): void {
    this.#field.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#missing = bytes;
  }

  /** The present state has all its bytes: goes on to the next. Returns the header when one was completed. */
  #advance(): ZstdHeader | null {
    switch (this.#state) {
      case 'magic':
        this.#readMagic();
        return null;
      case 'descriptor':
        this.#expect('header', restOfHeaderBytes(this.#field.readUInt8(4)));
        return null;
      case 'header':
        return this.#readHeader();
      case 'block-header':
        this.#readBlockHeader();
        return null;
      case 'block':
        this.#afterBlock();
        return null;
      case 'skippable-size':
        this.#expectSkippable(this.#field.readUInt32LE(0));
        return null;
      case 'checksum':
      case 'skippable':
        this.#expect('magic', 4);
        return null;
    }
  }

  #readMagic(): void {
    const magic = this.#field.readUInt32LE(0);
    if (magic === frameMagic) {
      this.#expect('descriptor', 1);
    } else if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      this.#filled = 0;
      this.#expect('skippable-size', 4);
    } else if (this.#frames === 0) {
      throw damaged('not zstd: the first bytes are not those of a frame');
    } else {
      throw damaged(`bytes behind zstd frame ${String(this.#frames)} are not a frame`);
    }
  }

  #expectSkippable(bytes: number): void {
    this.#filled = 0;
    if (bytes === 0) this.#expect('magic', 4);
    else this.#expect('skippable', bytes);
  }

  #readHeader(): ZstdHeader {
    const header = parseHeader(this.#field.subarray(4, this.#filled), this.#frames + 1);
    this.#hasChecksum = (this.#field.readUInt8(4) & 0b100) !== 0;
    this.#expect('block-header', 3);
    return header;
  }

  /** RFC 8878, section 3.1.1.2: last block (1 bit), type (2 bits), size (21 bits). */
  #readBlockHeader(): void {
    const value = this.#field.readUIntLE(0, 3);
    this.#filled = 0;
    this.#lastBlock = (value & 1) !== 0;
    const type = (value >>> 1) & 3;
    if (type === 3) throw damaged(`a block of a reserved type in zstd frame ${String(this.#frames + 1)}`);
    // A run (type 1) stores one byte, whatever its size.
    const bytes = type === 1 ? 1 : value >>> 3;
    if (bytes > 0) this.#expect('block', bytes);
    else this.#afterBlock();
  }

  #afterBlock(): void {
    if (!this.#lastBlock) this.#expect('block-header', 3);
    else if (this.#hasChecksum) this.#expect('checksum', 4);
    else this.#expect('magic', 4);
  }
}

/** RFC 8878, section 3.1.1.1. `bytes` begin with the descriptor. */
function parseHeader(bytes: Buffer, frame: number): ZstdHeader {
  const descriptor = bytes.readUInt8(0);
  if ((descriptor & 0b1000) !== 0) throw damaged(`a reserved bit is set in the header of zstd frame ${String(frame)}`);
  const single = (descriptor & 0b100000) !== 0;
  let position = 1;
  const windowBytes = single ? null : windowOf(bytes.readUInt8(position++));
  const dictionaryBytes = dictionaryFieldBytes(descriptor);
  const dictionary = dictionaryBytes === 0 ? 0 : bytes.readUIntLE(position, dictionaryBytes);
  position += dictionaryBytes;
  const contentBytes = readContentSize(bytes.subarray(position));
  return { contentBytes, windowBytes: windowBytes ?? contentBytes ?? 0, hasDictionary: dictionary !== 0 };
}

/** Section 3.1.1.1.2. */
function windowOf(field: number): number {
  const base = 2 ** (10 + (field >>> 3));
  return base + (base / 8) * (field & 7);
}

function dictionaryFieldBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] ?? 0;
}

function contentSizeFieldBytes(descriptor: number): number {
  const flag = descriptor >>> 6;
  if (flag === 0) return (descriptor & 0b100000) === 0 ? 0 : 1;
  return 1 << flag;
}

function restOfHeaderBytes(descriptor: number): number {
  const windowField = (descriptor & 0b100000) === 0 ? 1 : 0;
  return windowField + dictionaryFieldBytes(descriptor) + contentSizeFieldBytes(descriptor);
}

/** Section 3.1.1.1.4: a field of two bytes counts from 256. */
function readContentSize(field: Buffer): number | null {
  if (field.length === 0) return null;
  if (field.length === 1) return field.readUInt8(0);
  if (field.length === 2) return field.readUInt16LE(0) + 256;
  return field.length === 4 ? field.readUInt32LE(0) : Number(field.readBigUInt64LE(0));
}

function damaged(message: string): Error {
  return codecErrors.make('damaged-frame', message);
}
