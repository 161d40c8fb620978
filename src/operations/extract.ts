/** Gives a backup in a form that other tools expect: one file, whole or absent, every stored byte checked on the way. */

import { basename, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { compressFrames } from '../codec/frames.ts';
import { startHasher, type Hasher } from '../codec/hashing.ts';
import type { Backup } from '../domain/backup.ts';
import { compactTime } from '../domain/clock.ts';
import { contentBytes } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { EngineModule, ExtractFormat } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { operationErrors } from './errors.ts';
import { writeFileOnce, writeToStream } from './output-file.ts';
import type { Parts } from './parts.ts';
import { hashUnread, TrackedSource } from './tracked-source.ts';
import { recordDamage } from './write-mark.ts';

export type ExtractDestination =
  | { readonly kind: 'file'; readonly path: string; readonly overwrite: boolean }
  /** Nothing can be taken back from a stream: the error comes after the bytes. */
  | { readonly kind: 'stream'; readonly stream: Writable };

export interface ExtractRequest {
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
  /** `sql`, `sql.gz`, `dump`, `db`; null: what the file's name ends in, else the usual one. */
  readonly format: string | null;
  /** Null: a file in the present folder, named after the backup. */
  readonly destination: ExtractDestination | null;
}

export interface ExtractResult {
  readonly backup: Backup;
  readonly format: ExtractFormat;
  /** Null when it went to a stream. */
  readonly path: string | null;
  readonly bytes: number;
  readonly sha256: string;
  readonly durationMs: number;
}

/** What `gzip` does unasked (gzip(1)). */
const gzipLevel = 6;

/** Throws `unknown-format` (2), `file-exists` (1), damage (15; no file remains). */
export async function extract(request: ExtractRequest, parts: Parts, work: Work): Promise<ExtractResult> {
  const startedMs = parts.clock.monotonicMs();
  const repository = await parts.repository({ create: false });
  const { database, backup: name } = request;
  const backup = await repository.find({ name, database, timeZone: parts.timeZone }, work.signal);
  const { manifest } = backup;
  const module = parts.engines.ofKind(manifest.engine);
  const format = chooseFormat(request, module.extractFormats(manifest));
  const destination = request.destination ?? besideUs(backup, format);
  const source = new TrackedSource(repository.open(manifest));
  await using hasher = startHasher();
  const written = { bytes: 0 };
  const bytes = counted(content({ module, format, source, repository }, work), hasher, written);
  work.report({ kind: 'step', text: `extracting ${manifest.id}` });
  try {
    if (destination.kind === 'file') await writeFileOnce(resolve(destination.path), bytes, destination);
    else await writeToStream(destination.stream, bytes);
  } catch (thrown) {
    await recordDamage({ repository, manifest, by: 'extract' }, source.problems, parts, work);
    throw source.reasonOf(thrown);
  }
  return {
    backup,
    format,
    path: destination.kind === 'file' ? resolve(destination.path) : null,
    bytes: written.bytes,
    sha256: await hasher.digest(),
    durationMs: parts.clock.monotonicMs() - startedMs,
  };
}

interface Extraction {
  readonly module: EngineModule;
  readonly format: ExtractFormat;
  readonly source: TrackedSource;
  readonly repository: Repository;
}

async function* content(
  { module, format, source, repository }: Extraction,
  work: Work,
): AsyncGenerator<Uint8Array, void> {
  const plain = measured(module.extract(format, source, work), contentBytes(source.manifest.artifacts), work);
  if (!format.gzip) yield* plain;
  else {
    const members = compressFrames(plain, { kind: 'gzip', level: gzipLevel }, { signal: work.signal });
    for await (const { bytes } of members) yield bytes;
  }
  await hashUnread(source, repository, work);
}

async function* measured(
  bytes: AsyncIterable<Uint8Array>,
  totalBytes: number,
  work: Work,
): AsyncGenerator<Uint8Array, void> {
  let doneBytes = 0;
  for await (const chunk of bytes) {
    doneBytes += chunk.length;
    work.report({ kind: 'bytes', doneBytes, totalBytes: Math.max(totalBytes, doneBytes) });
    yield chunk;
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  hasher: Hasher,
  written: { bytes: number },
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of bytes) {
    written.bytes += chunk.length;
    await hasher.update(chunk);
    yield chunk;
  }
}

function chooseFormat({ format, destination }: ExtractRequest, formats: readonly ExtractFormat[]): ExtractFormat {
  const [usual] = formats;
  const known = formats.map(({ name }) => name).join(', ');
  if (usual === undefined) throw operationErrors.make('unknown-format', 'this backup cannot be extracted');
  if (format !== null) {
    const asked = formats.find(({ name }) => name === format);
    if (asked !== undefined) return asked;
    throw operationErrors.make('unknown-format', `no format "${format}"`, { hint: `This backup gives ${known}.` });
  }
  if (destination?.kind !== 'file') return usual;
  const file = basename(destination.path);
  // The longest ending counts: `x.sql.gz` is no `gz` of something else.
  const fitting = formats.filter(({ name }) => file.endsWith(`.${name}`)).sort((a, b) => b.name.length - a.name.length);
  return fitting[0] ?? usual;
}

function besideUs({ manifest }: Backup, format: ExtractFormat): ExtractDestination {
  const path = `${manifest.database}-${compactTime(new Date(manifest.started))}.${format.name}`;
  return { kind: 'file', path, overwrite: false };
}
