/**
 * The files of a tar stream, one after the other, in bounded memory. Every byte is accounted for: a stream that breaks off,
 * has no end mark or something behind it is `damaged-tar`.
 */

import { ByteReader } from './byte-reader.ts';
import { codecErrors } from './errors.ts';
import { blockBytes, parseTarHeader, type TarHeader } from './tar-header.ts';

export interface TarMember {
  readonly name: string;
  readonly sizeBytes: number;
  readonly kind: 'file' | 'other';
  /** To be read, in full or not at all, before the next member is asked for. Views, valid until the next pull. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Names and remarks longer than this are no dump's. */
const longestRemark = 64 * 1024;

export async function* readTar(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<TarMember, void> {
  const reader = new ByteReader(bytes);
  try {
    let remarks: Partial<TarHeader> = {};
    for (;;) {
      signal.throwIfAborted();
      const header = await readHeader(reader);
      if (header === null) break;
      if (['L', 'K', 'x', 'g'].includes(header.type)) {
        remarks = { ...remarks, ...(await readRemark(reader, header)) };
        continue;
      }
      yield* member(reader, { ...header, ...remarks });
      remarks = {};
    }
    await demandZeros(reader);
  } finally {
    await reader.close();
  }
}

/** Null at the end mark: two blocks of zeros. */
async function readHeader(reader: ByteReader): Promise<TarHeader | null> {
  const block = await whole(reader, blockBytes);
  if (!isZero(block)) return parseTarHeader(block);
  if (!isZero(await whole(reader, blockBytes)))
    throw codecErrors.make('damaged-tar', 'zeros where a file of the tar should begin');
  return null;
}

async function* member(reader: ByteReader, header: TarHeader): AsyncGenerator<TarMember, void> {
  const state = { read: 0 };
  const content = async function* (): AsyncGenerator<Uint8Array, void> {
    for await (const part of reader.pass(header.sizeBytes - state.read)) {
      state.read += part.length;
      yield part;
    }
    if (state.read < header.sizeBytes) throw cutOff(`inside ${header.name}`);
  };
  const kind = header.type === '0' && !header.name.endsWith('/') ? 'file' : 'other';
  yield { name: header.name, sizeBytes: header.sizeBytes, kind, bytes: content() };
  // What nobody read is passed over.
  for await (const _ of content());
  const padding = (blockBytes - (header.sizeBytes % blockBytes)) % blockBytes;
  await whole(reader, padding);
}

/** GNU's long names, and POSIX's (pax) records that change what the next header says. */
async function readRemark(reader: ByteReader, header: TarHeader): Promise<Partial<TarHeader>> {
  if (header.sizeBytes > longestRemark) throw codecErrors.make('damaged-tar', 'a name in the tar file is too long');
  const stored = await whole(reader, Math.ceil(header.sizeBytes / blockBytes) * blockBytes);
  const content = stored.toString('utf8', 0, header.sizeBytes);
  if (header.type === 'L') return { name: content.replace(/\0.*$/s, '') };
  if (header.type !== 'x') return {};
  const record = (key: string): string | undefined => new RegExp(`^\\d+ ${key}=(.*)$`, 'm').exec(content)?.[1];
  const [name, size] = [record('path'), record('size')];
  return {
    ...(name === undefined ? {} : { name }),
    ...(size !== undefined && /^\d+$/.test(size) ? { sizeBytes: Number(size) } : {}),
  };
}

/** tar(1) pads its files with zeros to a multiple of 10 KiB. */
async function demandZeros(reader: ByteReader): Promise<void> {
  for await (const part of reader.pass(Number.POSITIVE_INFINITY)) {
    if (!isZero(part)) throw codecErrors.make('damaged-tar', 'bytes behind the end of the tar file');
  }
}

async function whole(reader: ByteReader, count: number): Promise<Buffer> {
  const block = await reader.take(count);
  if (block.length < count) throw cutOff('before its end mark');
  return block;
}

function cutOff(where: string): Error {
  return codecErrors.make('damaged-tar', `the tar file is cut off ${where}`);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
