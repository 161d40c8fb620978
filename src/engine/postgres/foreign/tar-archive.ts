/**
 * A tar archive of pg_dump as a custom archive, while it passes: so it is checked, drilled and restored like any other, with
 * several jobs, single tables and all. pg_dump writes the table of contents first and the rows in its order
 * (pg_backup_tar.c, _CloseArchive); a tar that somebody packed in another order is refused.
 */

import { readTar, type TarMember } from '../../../codec/tar-reader.ts';
import { archiveErrors } from '../archive/errors.ts';
import { customHeadOf, type TarTocEntry } from './tar-toc.ts';

/** Held in memory while it is converted: far more than the objects of any database need. */
const largestTocBytes = 512 * 1024 * 1024;
const rowsBlock = 1;
const objectsBlock = 3;
const largeObject = /^blob_(\d+)\.dat$/;
/** Before PostgreSQL 17 there is one for all, without a number. */
const objectsToc = /^blobs(?:_(\d+))?\.toc$/;

export async function* tarAsCustom(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let blocks: Blocks | null = null;
  for await (const member of readTar(bytes, signal)) {
    if (blocks === null) {
      const head = customHeadOf(await tocOf(member));
      blocks = new Blocks(head.entries);
      yield head.bytes;
    } else if (largeObject.test(member.name)) yield* blocks.object(member);
    else if (objectsToc.test(member.name)) yield* blocks.endObjects(member);
    else if (member.name !== 'restore.sql') yield* blocks.rows(member);
  }
  blocks?.finish();
}

async function tocOf(member: TarMember): Promise<Buffer> {
  if (member.name !== 'toc.dat') throw damaged(`${member.name} stands where toc.dat should be`);
  if (member.sizeBytes > largestTocBytes) {
    throw archiveErrors.make('unsupported-archive', 'the table of contents of the tar archive is too large');
  }
  const parts: Buffer[] = [];
  for await (const part of member.bytes) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** The data blocks of the custom archive, in the order in which the members of the tar come. */
class Blocks {
  readonly #missing: Map<string, TarTocEntry>;
  /** Large objects come before the file that says which entry they are of: entries keep the order of the archive. */
  #openObjects: TarTocEntry | null = null;

  constructor(entries: readonly TarTocEntry[]) {
    this.#missing = new Map(entries.filter(({ file }) => file !== '').map((entry) => [entry.file, entry]));
  }

  async *rows(member: TarMember): AsyncGenerator<Uint8Array> {
    const entry = this.#take(member.name);
    if (entry.desc === 'BLOBS') throw damaged(`${member.name} holds rows where large objects should be`);
    yield blockHeader(rowsBlock, entry.dumpId);
    yield* chunks(member);
  }

  async *object(member: TarMember): AsyncGenerator<Uint8Array> {
    yield* this.#beginObjects();
    yield int(Number(largeObject.exec(member.name)?.[1]) | 0);
    yield* chunks(member);
  }

  async *endObjects(member: TarMember): AsyncGenerator<Uint8Array> {
    yield* this.#beginObjects();
    const dumpId = objectsToc.exec(member.name)?.[1];
    const entry = this.#openObjects;
    if (entry === null || (dumpId !== undefined && entry.dumpId !== Number(dumpId))) {
      throw damaged(`${member.name} is not where it should be`);
    }
    this.#take(entry.file);
    this.#openObjects = null;
    yield int(0);
  }

  finish(): void {
    const [missing] = this.#missing.keys();
    if (missing !== undefined) throw damaged(`${missing} is missing from the tar archive`);
  }

  *#beginObjects(): Generator<Uint8Array> {
    if (this.#openObjects !== null) return;
    const entry = [...this.#missing.values()].find(({ desc }) => desc === 'BLOBS');
    if (entry === undefined) throw damaged('large objects that the table of contents does not name');
    this.#openObjects = entry;
    yield blockHeader(objectsBlock, entry.dumpId);
  }

  #take(file: string): TarTocEntry {
    const entry = this.#missing.get(file);
    if (entry === undefined) throw damaged(`${file} is not what the table of contents names`);
    this.#missing.delete(file);
    return entry;
  }
}

/** pg_backup_custom.c, CustomWriteFunc: length and bytes, ended by a length of 0. */
async function* chunks(member: TarMember): AsyncGenerator<Uint8Array> {
  for await (const part of member.bytes) {
    yield int(part.length);
    yield part;
  }
  yield int(0);
}

function blockHeader(type: number, dumpId: number): Buffer {
  return Buffer.concat([Buffer.from([type]), int(dumpId)]);
}

/** pg_backup_archiver.c, WriteInt: a sign byte, then four bytes, the least first. */
function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(value < 0 ? 1 : 0);
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

function damaged(message: string): Error {
  return archiveErrors.make('damaged-archive', message);
}
