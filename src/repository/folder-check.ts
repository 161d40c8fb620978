/** Whether the files around the artifacts are as the writer left them (docs/format.md, section 5). */

import { createHash } from 'node:crypto';
import type { Manifest } from '../domain/manifest.ts';
import type { DamageProblem } from '../domain/mark.ts';
import type { Store } from '../storage/store.ts';
import { checksumsText } from './checksums.ts';
import { beginFile, checksumsFile, fileKey, instructionsFile } from './layout.ts';
import { decodeBegin } from './manifest-codec.ts';
import { readSmall } from './small-object.ts';

/** The names of those files, all of which `verify` reads. */
export const surroundingFiles = [beginFile, instructionsFile, checksumsFile] as const;

export async function checkFolder(
  store: Store,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<readonly DamageProblem[]> {
  const read = (name: string): Promise<Buffer | null> => readSmall(store, fileKey(manifest, name), signal);
  const [begin, instructions, sums] = [await read(beginFile), await read(instructionsFile), await read(checksumsFile)];
  const problems: DamageProblem[] = [];
  if (begin === null) problems.push(missing(beginFile));
  else {
    const decoded = decodeBegin(begin, manifest);
    if (!decoded.ok) problems.push(damaged(beginFile, decoded.problem));
  }
  if (instructions === null) problems.push(missing(instructionsFile));
  if (sums === null) problems.push(missing(checksumsFile));
  // What is missing or known to be damaged has no sum to compare with.
  if (problems.length > 0 || begin === null || instructions === null || sums === null) return problems;
  return compareSums(manifest, { begin, instructions, sums: sums.toString('latin1') });
}

interface Surroundings {
  readonly begin: Buffer;
  readonly instructions: Buffer;
  readonly sums: string;
}

function compareSums(manifest: Manifest, { begin, instructions, sums }: Surroundings): readonly DamageProblem[] {
  const expected = (instructionsSum: string): string =>
    checksumsText([
      { name: beginFile, sha256: sha256(begin) },
      { name: instructionsFile, sha256: instructionsSum },
      ...manifest.artifacts,
    ]);
  if (sums === expected(sha256(instructions))) return [];
  // Everything else agrees: then one of the two is damaged, and the sum itself is the less likely one.
  const stated = /^([0-9a-f]{64}) {2}RESTORE\.txt$/m.exec(sums)?.[1];
  if (stated !== undefined && sums === expected(stated)) {
    return [damaged(instructionsFile, `it does not have the hash that ${checksumsFile} states`)];
  }
  return [damaged(checksumsFile, 'it does not state the hashes of the files in this folder')];
}

function missing(file: string): DamageProblem {
  return { file, code: 'file-missing', message: 'it is not there' };
}

function damaged(file: string, message: string): DamageProblem {
  return { file, code: 'file-damaged', message };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
