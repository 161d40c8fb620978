/**
 * The checksum that a script left beside its file. It may speak of the file itself, or of what was in it before it was
 * compressed: both hold, and what was compared is said.
 */

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { startHasher } from '../../codec/hashing.ts';
import { parseSums, sumFor } from '../../domain/checksum-file.ts';
import { HoldfastError } from '../../domain/error.ts';
import type { Work } from '../../domain/work.ts';
import { foreignErrors } from './errors.ts';
import { readInput, type InputFile } from './input-file.ts';
import { openLayers, type Layer } from './layers.ts';

/** `file`: the bytes as they lie there; `content`: what they decompress to. */
export type ChecksumOutcome =
  | { readonly state: 'none' }
  | { readonly state: 'holds'; readonly beside: string; readonly compared: 'file' | 'content' }
  | { readonly state: 'differs'; readonly beside: string; readonly stated: string; readonly actual: string }
  /** There is one, and no sum for this file can be read in it. */
  | { readonly state: 'unreadable'; readonly beside: string };

const endings = ['.sha256', '.sha256sum'];
const compressions = /\.(?:gz|zst|gzip|zstd)$/i;
/** Longer ones are no checksum files. */
const largestBytes = 1024 * 1024;

/** Names a checksum file may have or may name: of the file, and of what it was before it was compressed. */
function namesOf(name: string): readonly string[] {
  const plain = name.replace(compressions, '');
  return plain === name ? [name] : [name, plain];
}

/** Reads the file once; once more where the sum is not that of the file as it is. `sha256`: of the stored bytes. */
export async function compareChecksum(
  file: InputFile,
  layers: readonly Layer[],
  work: Work,
): Promise<{ readonly sha256: string; readonly outcome: ChecksumOutcome }> {
  const beside = await findBeside(file);
  const sha256 = await hashBytes(countBytes(readInput(file, work.signal), file.sizeBytes, work));
  if (beside === null) return { sha256, outcome: { state: 'none' } };
  const stated = sumFor(parseSums(beside.text), namesOf(file.name ?? ''));
  if (stated === null) return { sha256, outcome: { state: 'unreadable', beside: beside.name } };
  if (stated === sha256) return { sha256, outcome: { state: 'holds', beside: beside.name, compared: 'file' } };
  const [outermost] = layers;
  if (outermost === 'gzip' || outermost === 'zstd') {
    const content = await hashContent(file, outermost, work);
    if (content === stated) return { sha256, outcome: { state: 'holds', beside: beside.name, compared: 'content' } };
  }
  return { sha256, outcome: { state: 'differs', beside: beside.name, stated, actual: sha256 } };
}

/** The same, and nothing is read where there is no checksum. */
export async function checkChecksum(file: InputFile, layers: readonly Layer[], work: Work): Promise<ChecksumOutcome> {
  if ((await findBeside(file)) === null) return { state: 'none' };
  return (await compareChecksum(file, layers, work)).outcome;
}

/** Throws `checksum-differs`. */
export function demandChecksum(file: InputFile, outcome: ChecksumOutcome): void {
  if (outcome.state !== 'differs') return;
  throw foreignErrors.make(
    'checksum-differs',
    `${file.label} has the SHA-256 ${outcome.actual}, and ${outcome.beside} says ${outcome.stated}`,
  );
}

/** Damaged content has no sum: then the stated one is not its. */
async function hashContent(file: InputFile, layer: Layer, { signal }: Work): Promise<string | null> {
  try {
    return await hashBytes(openLayers(readInput(file, signal), [layer], signal));
  } catch (thrown) {
    if (thrown instanceof HoldfastError && thrown.exit === 15) return null;
    throw thrown;
  }
}

export async function hashBytes(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  await using hasher = startHasher();
  for await (const chunk of bytes) await hasher.update(chunk);
  return await hasher.digest();
}

async function* countBytes(
  bytes: AsyncIterable<Uint8Array>,
  totalBytes: number,
  work: Work,
): AsyncGenerator<Uint8Array> {
  let doneBytes = 0;
  for await (const chunk of bytes) {
    doneBytes += chunk.length;
    work.report({ kind: 'bytes', doneBytes, totalBytes });
    yield chunk;
  }
}

async function findBeside(file: InputFile): Promise<{ readonly name: string; readonly text: string } | null> {
  if (file.name === null) return null;
  for (const name of namesOf(file.name).flatMap((own) => endings.map((ending) => own + ending))) {
    const path = join(dirname(file.path), name);
    const facts = await stat(path).catch(() => null);
    if (facts?.isFile() !== true) continue;
    if (facts.size > largestBytes) return { name, text: '' };
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw foreignErrors.make('file-unreadable', `${basename(path)} beside the file cannot be read`, { cause });
    });
    return { name, text };
  }
  return null;
}
