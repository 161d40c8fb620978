/** What the walk over a whole archive found. */

import type { ArchiveToc } from './toc.ts';

export interface ScannedTable {
  /** The entry of the table of contents whose rows these are. */
  readonly dumpId: number;
  readonly rows: number;
  /** Sum modulo 2^64 of the rows' hashes; 0 when hashes were not asked for. */
  readonly sum: bigint;
  readonly plainBytes: number;
}

export interface ArchiveScan {
  readonly toc: ArchiveToc;
  /** In the order of the archive. Empty when pg_dump compressed the data; entries kept as INSERT statements are left out. */
  readonly tables: readonly ScannedTable[];
  /** Only the count is known when pg_dump compressed the data. */
  readonly largeObjects: { readonly count: number; readonly bytes: number; readonly sum: bigint };
  /** Where each entry's data block begins, by dump id. */
  readonly dataOffsets: ReadonlyMap<number, number>;
  readonly totalBytes: number;
}
