/**
 * The data of an archive on its way to several sessions: a file in which each table's rows lie together, as messages that
 * are ready to be sent. Reading begins while the file is still being written, since that goes faster than any server
 * takes rows in.
 */

import { open, type FileHandle } from 'node:fs/promises';
import { messageOf } from '../../../../domain/error.ts';
import type { ArchivePiece } from '../../archive/archive-unpacker.ts';
import type { TocEntry } from '../../archive/toc.ts';
import { restoreErrors } from '../errors.ts';
import { packObject } from './object-record.ts';

export interface Segment {
  readonly entry: TocEntry;
  /** `objects`: records of large objects, see object-record.ts. */
  readonly kind: 'rows' | 'objects';
  readonly start: number;
  /** Bytes that can be read already. */
  readonly written: number;
  readonly isWhole: boolean;
}

type GrowingSegment = { -readonly [K in keyof Segment]: Segment[K] };

const readBytes = 256 * 1024;

export class DataSpool implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #waiting: GrowingSegment[] = [];
  #growing: GrowingSegment | null = null;
  #end = 0;
  #isWhole = false;
  #largestBytes = 0;
  #failure: { readonly reason: unknown } | null = null;
  #changed = Promise.withResolvers<undefined>();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** The file must not be there yet. */
  static async create(path: string): Promise<DataSpool> {
    return new DataSpool(path, await open(path, 'wx+', 0o600));
  }

  /** Throws `no-room-for-rows`. */
  async append(piece: ArchivePiece): Promise<void> {
    switch (piece.kind) {
      case 'rows':
        await this.#write(piece.entry, 'rows', piece.message);
        piece.release();
        return;
      case 'object':
        await this.#write(piece.entry, 'objects', packObject(piece));
        return;
      case 'rows-end':
      case 'objects-end':
        if (this.#growing !== null) this.#growing.isWhole = true;
        this.#growing = null;
        this.#change();
    }
  }

  /** Of all bytes, the part that the largest segment has; 0 when there are none. */
  get largestShare(): number {
    return this.#end === 0 ? 0 : this.#largestBytes / this.#end;
  }

  /** Nothing will be appended any more. */
  end(): void {
    this.#isWhole = true;
    this.#change();
  }

  /** Whoever waits for something here gets the reason thrown. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#change();
  }

  /** The largest segment so far that nobody has taken: the longest work first. Null when there will be none. */
  async take(): Promise<Segment | null> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== null) throw this.#failure.reason;
      if (this.#isWhole) return null;
      await this.#changed.promise;
    }
    const [largest] = this.#waiting.toSorted((one, other) => other.written - one.written);
    if (largest === undefined) return null;
    this.#waiting.splice(this.#waiting.indexOf(largest), 1);
    return largest;
  }

  /** Its bytes to their end, also those that are still to come. A chunk is the reader's until its next pull. */
  async *read(segment: Segment): AsyncGenerator<Buffer, void> {
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    for (let done = 0; !(segment.isWhole && done === segment.written); ) {
      if (this.#failure !== null) throw this.#failure.reason;
      const length = Math.min(buffer.length, segment.written - done);
      if (length === 0) {
        await this.#changed.promise;
        continue;
      }
      const { bytesRead } = await this.#file.read(buffer, 0, length, segment.start + done);
      if (bytesRead === 0) throw new Error('the temporary file is shorter than what was written to it');
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #write(entry: TocEntry, kind: Segment['kind'], bytes: Buffer): Promise<void> {
    if (this.#failure !== null) throw this.#failure.reason;
    if (this.#growing === null) {
      this.#growing = { entry, kind, start: this.#end, written: 0, isWhole: false };
      this.#waiting.push(this.#growing);
    }
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#file.write(bytes, done, bytes.length - done, this.#end + done)).bytesWritten;
      }
    } catch (cause) {
      throw restoreErrors.make('no-room-for-rows', `the rows cannot be kept in ${this.#path}: ${messageOf(cause)}`, {
        cause,
      });
    }
    this.#end += bytes.length;
    this.#growing.written += bytes.length;
    this.#largestBytes = Math.max(this.#largestBytes, this.#growing.written);
    this.#change();
  }

  #change(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers<undefined>();
  }
}
