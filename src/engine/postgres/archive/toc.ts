/**
 * What the head of a custom-format archive says (src/bin/pg_dump/pg_backup_archiver.c: WriteHead, WriteToc; and
 * pg_backup_custom.c: _WriteExtraToc): who made it, of what, and every entry in the order it is restored.
 */

export type TocSection = 'none' | 'pre-data' | 'data' | 'post-data';

export interface TocEntry {
  readonly dumpId: number;
  /** OID of the catalog the object is in, and of the object there; 0 where it has none. */
  readonly tableOid: number;
  readonly oid: number;
  readonly tag: string;
  /** `TABLE`, `TABLE DATA`, `SEQUENCE SET`, `BLOBS`, … */
  readonly desc: string;
  readonly section: TocSection;
  readonly definition: string;
  readonly dropStatement: string;
  /** `COPY … FROM stdin;`, empty for entries without rows and for rows kept as INSERT statements. */
  readonly copyStatement: string;
  /** The same as it was written, one character per byte: what the server is sent, in whatever encoding its names are. */
  readonly copyStatementBytes: string;
  /** Empty for objects without a schema. */
  readonly namespace: string;
  /** Null where the server's default applies. */
  readonly tablespace: string | null;
  readonly tableAm: string | null;
  /** The character of pg_class.relkind as a number; null before archive version 1.16. */
  readonly relkind: number | null;
  readonly owner: string;
  readonly dependencies: readonly number[];
  /** `unknown`: there is a data block, its place was not written (the archive went through a pipe). */
  readonly dataState: 'unknown' | 'offset' | 'none';
  readonly dataOffset: number | null;
  /** Where in the file this entry's offset field begins: a flag byte, then the offset, least byte first. */
  readonly offsetFieldPosition: number;
}

export interface ArchiveToc {
  /** `1.14` (PostgreSQL 12 to 15), `1.15` (16), `1.16` (17 and newer); older ones down to `1.11`. */
  readonly archiveVersion: string;
  /** True when data blocks are compressed by pg_dump itself. */
  readonly compressed: boolean;
  readonly compression: 'none' | 'gzip' | 'lz4' | 'zstd';
  readonly databaseName: string;
  readonly serverVersion: string;
  readonly dumpVersion: string;
  /** The client encoding of every text in the archive, rows too: `UTF8`. */
  readonly encoding: string;
  readonly entries: readonly TocEntry[];
  /** Bytes of an offset, 8 but for archives of 32-bit machines. */
  readonly offsetBytes: number;
  /** Bytes before the first data block. */
  readonly headerBytes: number;
}
