/**
 * What a database held in one snapshot: per table the rows counted and the sum of a hash of each row's text; per other
 * kind of object what there is. Two fingerprints of the same content are equal whatever order rows come in.
 */

import type { SalvageRecord } from './damage.ts';

export type FingerprintMode = 'content' | 'independent' | 'counts' | 'off';

export interface TableFingerprint {
  /** Unquoted; SQLite tables have the schema `main`. */
  readonly schema: string;
  readonly table: string;
  readonly kind: 'table' | 'materialized-view' | 'extension-config' | 'virtual-table';
  /** Columns in the order their values were hashed (generated columns are not among them). */
  readonly columns: readonly string[];
  /** The condition an extension put on its configuration table, in its own SQL; absent for whole tables. */
  readonly condition?: string;
  /** `schema.table` of the partition root through which the rows are loaded: rows may move between its leaves. */
  readonly loadedVia?: { readonly schema: string; readonly table: string };
  /** Rows counted by SQL in the snapshot. */
  readonly rows: number;
  /** Sum modulo 2^64 of each row's hash, 16 hex digits; null when only counted. */
  readonly sum: string | null;
}

export interface LargeObjectsFingerprint {
  readonly count: number;
  readonly bytes: number;
  /** Sum modulo 2^64 of the hash of each large object (number and content); null when only counted. */
  readonly sum: string | null;
}

export interface SequenceFingerprint {
  readonly schema: string;
  readonly name: string;
  /** Decimal text: sequences go beyond 2^53. */
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** One object that is neither a table's rows nor a sequence's value. */
export interface ObjectFingerprint {
  /** `index`, `constraint`, `view`, `function`, `trigger`, `policy`, `extension`, … */
  readonly kind: string;
  /** Unique within its kind; quoted and qualified as SQL would. */
  readonly name: string;
  /** Those of its properties that a dump and restore keep letter for letter. */
  readonly facts: string;
}

export interface Fingerprint {
  readonly version: 1;
  readonly engine: string;
  readonly mode: Exclude<FingerprintMode, 'off'>;
  /** The encoding the rows' text was hashed in (PostgreSQL's client encoding); absent where there is only one. */
  readonly encoding?: string;
  /** How it was read, in words, where the mode alone does not say it truly: a proof repeats it. */
  readonly basis?: string;
  readonly tables: readonly TableFingerprint[];
  readonly largeObjects: LargeObjectsFingerprint | null;
  readonly sequences: readonly SequenceFingerprint[];
  readonly objects: readonly ObjectFingerprint[];
  /** Of a salvage: what each table lost. The tables above hold what was saved. */
  readonly salvage?: SalvageRecord;
}

export interface Difference {
  /** `table`, `large objects`, `sequence`, or the object's kind. */
  readonly kind: string;
  readonly name: string;
  /** `missing`, `unexpected`, `rows 26 instead of 27`, `content differs`, … */
  readonly what: string;
}

/** What was compared with what, in numbers and in words: a proof keeps it. */
export interface Comparison {
  readonly tablesCompared: number;
  /** Tables of which only the number of rows could be compared. */
  readonly countedOnly: number;
  readonly rowsCompared: number;
  readonly largeObjectsCompared: number;
  readonly sequencesCompared: number;
  readonly objectsCompared: number;
  /** `rows hashed as they passed in the dump, counted by SQL in its snapshot` … */
  readonly basis: string;
  readonly differences: readonly Difference[];
}
