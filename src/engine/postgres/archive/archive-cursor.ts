/**
 * Reads the archiver's own integers and strings from bytes that arrive in pieces (pg_backup_archiver.c: ReadInt, ReadStr,
 * ReadOffset). Whoever reads past what has arrived gets `NeedMore` thrown, and starts over from its last `commit`.
 */

import { archiveErrors } from './errors.ts';

/** Thrown to the reader of one record, never beyond it. */
export class NeedMore extends Error {}

/** A field of an archive is never longer than a value can be (1 GiB): a longer one is damage, and not worth waiting for. */
const fieldLimitBytes = 2 ** 30;

export class ArchiveCursor {
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #at = 0;
  #committed = 0;
  /** Position in the file of the first byte held. */
  #base = 0;

  append(bytes: Uint8Array): void {
    const kept = this.#bytes.subarray(this.#committed, this.#end);
    const needed = kept.length + bytes.length;
    // Doubling keeps a long field from being copied once per piece.
    const target =
      needed > this.#bytes.length ? Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length)) : this.#bytes;
    if (target !== this.#bytes || this.#committed > 0) target.set(kept, 0);
    target.set(bytes, kept.length);
    this.#base += this.#committed;
    this.#bytes = target;
    this.#end = needed;
    this.#committed = 0;
    this.#at = 0;
  }

  /** Everything read so far is done with. */
  commit(): void {
    this.#committed = this.#at;
  }

  rewind(): void {
    this.#at = this.#committed;
  }

  get position(): number {
    return this.#base + this.#at;
  }

  /** What has arrived and was not read. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  bytes(count: number): Buffer {
    const end = this.#at + count;
    if (count > fieldLimitBytes) throw archiveErrors.make('damaged-archive', `a field of ${count} bytes in the head`);
    if (end > this.#end) throw new NeedMore();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0;
  }

  /** A sign byte, then four bytes, the least first. */
  int(): number {
    const taken = this.bytes(5);
    const sign = taken[0] ?? 0;
    if (sign > 1) throw archiveErrors.make('damaged-archive', `sign byte ${sign} at position ${this.position - 5}`);
    const magnitude = taken.readInt32LE(1);
    return sign === 1 ? -magnitude | 0 : magnitude;
  }

  /** Null for the archiver's null string, which is not the empty one. */
  string(): Buffer | null {
    const length = this.int();
    if (length < 0) return null;
    return this.bytes(length);
  }
}
