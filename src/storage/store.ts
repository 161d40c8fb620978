/**
 * The face of a place where bytes rest. Keys are relative, `/`-separated, without `.` or `..` parts.
 *
 * Every store guarantees: an object is whole or absent, also after a crash in mid-`put`; once `put` has resolved the
 * bytes are durable and every later `get`, `head` and `list` sees them; objects are never changed, only replaced.
 */

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** When its bytes came to lie here, or later. */
  readonly modified: Date;
}

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface PutOptions {
  /** Fails with `object-exists` when there is one under this key already. Atomic where the store can do it. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal;
}

export interface ListEntry {
  /** An object, or with a delimiter a common prefix (ends with the delimiter). */
  readonly key: string;
  readonly object: StoredObject | null;
}

export interface ListOptions {
  readonly delimiter?: '/';
  /** Only keys that sort after this one. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
}

/** What a store can do, as data. */
export interface StoreCapabilities {
  /** `ifAbsent` is decided by the store, so that of two writers one wins. */
  readonly conditionalPut: boolean;
  readonly objectLock: boolean;
  readonly storageClasses: readonly string[];
}

export interface Store {
  /** For people: a path or a URL, without credentials. */
  readonly label: string;
  readonly capabilities: StoreCapabilities;
  /** Streams; memory does not grow with the object. When `bytes` throws nothing remains and the same error is thrown. */
  put(key: string, bytes: AsyncIterable<Uint8Array> | Uint8Array, options?: PutOptions): Promise<void>;
  /**
   * Throws `object-missing`. A range beyond the end is cut; the stream must be read to its end or destroyed. A chunk is the
   * reader's until its next pull.
   */
  get(key: string, range?: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Null when it is not there. */
  head(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  /** In the order of UTF-8 bytes of the key. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListEntry>;
  /** Nothing happens when it is not there. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** Removes what interrupted `put`s left behind and nobody touched since; says how many pieces it was. */
  sweepInterrupted(olderThan: Date): Promise<number>;
  /** Bytes that still fit; null when the store has no limit it could tell. */
  freeBytes(): Promise<number | null>;
}
