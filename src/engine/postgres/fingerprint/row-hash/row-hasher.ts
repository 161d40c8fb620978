/**
 * The row hash compiled to WebAssembly, with types. Input lies in shared memory, so that one thread can fill a part of it
 * while another hashes the rest. The hash of a row is XXH64 with seed 0 of its COPY text without the newline; sums are
 * modulo 2^64. Of a large object it is XXH64 with seed 0 of its number (four bytes, the least first) and its content.
 */

import { rowHashBinary } from './row-hash.generated.ts';
import { wasm, type WasmMemory } from './web-assembly.ts';

/** How the bytes of a block are taken: table rows, one large object's content, or only walked over. */
export type BlockKind = 'rows' | 'content' | 'skip';

export interface HashTotals {
  /** Rows or large objects. */
  readonly count: number;
  readonly sum: bigint;
  readonly bytes: number;
}

export interface RowHasher {
  /** Begins a block; totals start from zero. */
  begin(kind: BlockKind): void;
  /** Starts one large object, after `begin('content')`. */
  beginObject(oid: number): void;
  endObject(): void;
  /** Ends rows that have no framing of their own (CopyData). */
  endRows(): void;
  /** Takes archive chunks from the memory and returns how many bytes were used: all, or those up to the block's end. */
  takeArchive(position: number, length: number): number;
  /** Takes CopyData messages and returns how many bytes were used: it stops before a message of another type. */
  takeCopyData(position: number, length: number): number;
  /** Takes content without framing. */
  takeContent(position: number, length: number): void;
  blockEnded(): boolean;
  /** True in the middle of a header or message. */
  isInside(): boolean;
  /** What is wrong with the bytes, in words; null when nothing is. */
  fault(): string | null;
  totals(): HashTotals;
}

interface Exports {
  readonly begin: (kind: number, hashing: number) => void;
  readonly number: (oid: number) => void;
  readonly content: (position: number, length: number) => void;
  readonly endContent: () => void;
  readonly endRows: () => void;
  readonly archive: (position: number, length: number) => number;
  readonly copyData: (position: number, length: number) => number;
  readonly hasEnded: () => number;
  readonly isInside: () => number;
  readonly faultFound: () => number;
  readonly countSoFar: () => bigint;
  readonly sumSoFar: () => bigint;
  readonly bytesSoFar: () => bigint;
}

const pageBytes = 65536;
const maximumPages = 1024;
const kinds: Readonly<Record<BlockKind, number>> = { skip: 0, rows: 1, content: 2 };
const faults: Readonly<Record<number, string>> = {
  1: 'a length that cannot be',
  2: 'bytes after the end of the rows',
  3: 'a row without its end',
};

/** Where input may be written; everything before belongs to the hash. */
export const inputStart = pageBytes;

/** Room for input of the given size. */
export function createHashMemory(inputBytes: number): WasmMemory {
  // One page more: the search for newlines reads a little beyond its input.
  const pages = Math.ceil(inputBytes / pageBytes) + 2;
  return new wasm.Memory({ initial: pages, maximum: maximumPages, shared: true });
}

let compiled: object | null = null;

export function loadRowHasher(memory: WasmMemory, hashing: boolean): RowHasher {
  compiled ??= new wasm.Module(Buffer.from(rowHashBinary, 'base64'));
  const instance = new wasm.Instance(compiled, { env: { memory, abort: unreachable } });
  const hash = instance.exports as unknown as Exports;
  return {
    begin: (kind) => {
      hash.begin(kinds[kind], hashing ? 1 : 0);
    },
    beginObject: (oid) => {
      hash.number(oid);
    },
    endObject: () => {
      hash.endContent();
    },
    endRows: () => {
      hash.endRows();
    },
    takeArchive: (position, length) => hash.archive(position, length) >>> 0,
    takeCopyData: (position, length) => hash.copyData(position, length) >>> 0,
    takeContent: (position, length) => {
      hash.content(position, length);
    },
    blockEnded: () => hash.hasEnded() !== 0,
    isInside: () => hash.isInside() !== 0,
    fault: () => {
      const found = hash.faultFound();
      return found === 0 ? null : (faults[found] ?? 'a fault');
    },
    totals: () => ({
      count: Number(hash.countSoFar()),
      sum: BigInt.asUintN(64, hash.sumSoFar()),
      bytes: Number(hash.bytesSoFar()),
    }),
  };
}

function unreachable(): never {
  throw new Error('the row hash stopped');
}
