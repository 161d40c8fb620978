/** Restores an image into a file: beside a database to be swapped in, into a scratch place, or as a staging database. */

import { chown, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupSource } from '../../../domain/artifact.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredCopy, RestorePlan, ScratchPlace, TargetSpec } from '../../engine.ts';
import { sqliteErrors } from '../errors.ts';
import { imageArtifact, writeImage } from '../image/image-file.ts';
import { makeWorkingFolder } from '../image/working-folder.ts';
import { locateDatabase } from '../target/database-file.ts';
import { restoringName } from './file-names.ts';
import { removeDatabase, restoredCopy } from './restored-copy.ts';
import { swapIn } from './swap-in.ts';

export interface RestoreParts {
  readonly clock: Clock;
  /** A few letters and digits, different every time. */
  readonly random: () => string;
}

/** Writes the image beside its final place; `adopt` puts it there. */
export async function restoreBeside(
  plan: RestorePlan,
  source: BackupSource,
  parts: RestoreParts,
  work: Work,
): Promise<RestoredCopy> {
  const { finalName, keptAs } = plan;
  const path = restoringName(finalName, process.pid, parts.random());
  const restoreMs = await writeTimed(source, path, parts.clock, work);
  return restoredCopy({
    path,
    name: finalName,
    description: `file ${path}`,
    restoreMs,
    findings: [],
    isPrivate: true,
    adopt: (adoptWork) => swapIn({ path: finalName, incoming: path, keptAs, likeOld: true }, adoptWork),
    remove: () => removeDatabase(path),
  });
}

/** A file in a folder of its own, or beside the named one; a staging file takes its place at once and stays. */
export function restoreToScratch(
  place: ScratchPlace,
  source: BackupSource,
  parts: RestoreParts,
  work: Work,
): Promise<RestoredCopy> {
  if (place.kind === 'local') return restoreToFolder(source, parts, work);
  return place.kind === 'server'
    ? restoreBesideNamed(place.target, source, parts, work)
    : restoreAsStaging(place.target, source, parts, work);
}

async function restoreToFolder(source: BackupSource, parts: RestoreParts, work: Work): Promise<RestoredCopy> {
  const folder = await makeWorkingFolder(imageArtifact(source).plainBytes, null);
  const path = join(folder.path, 'scratch.db');
  try {
    const restoreMs = await writeTimed(source, path, parts.clock, work);
    return scratchCopy(path, restoreMs, async () => {
      await folder[Symbol.asyncDispose]();
    });
  } catch (cause) {
    await folder[Symbol.asyncDispose]();
    throw cause;
  }
}

/** The named file itself is not touched: the scratch file only lies on the same disk. */
async function restoreBesideNamed(
  target: TargetSpec,
  source: BackupSource,
  parts: RestoreParts,
  work: Work,
): Promise<RestoredCopy> {
  const path = restoringName(locateDatabase(target).path, process.pid, parts.random());
  const restoreMs = await writeTimed(source, path, parts.clock, work);
  return scratchCopy(path, restoreMs, () => removeDatabase(path));
}

async function restoreAsStaging(
  target: TargetSpec,
  source: BackupSource,
  parts: RestoreParts,
  work: Work,
): Promise<RestoredCopy> {
  const file = locateDatabase(target);
  const incoming = restoringName(file.path, process.pid, parts.random());
  const replaced = restoringName(file.path, process.pid, parts.random());
  const restoreMs = await writeTimed(source, incoming, parts.clock, work);
  try {
    await swapIn({ path: file.path, incoming, keptAs: replaced, likeOld: true }, work);
  } finally {
    await removeDatabase(incoming);
    await removeDatabase(replaced);
  }
  return restoredCopy({
    path: file.path,
    name: file.path,
    description: `staging file ${file.path}`,
    restoreMs,
    findings: file.findings,
    isPrivate: false,
    adopt: notMeantToBeAdopted,
    remove: () => Promise.resolve(),
  });
}

function scratchCopy(path: string, restoreMs: number, remove: () => Promise<void>): RestoredCopy {
  const description = `throwaway file ${path}`;
  const facts = { path, name: path, description, restoreMs, findings: [], isPrivate: true };
  return restoredCopy({ ...facts, adopt: notMeantToBeAdopted, remove });
}

function notMeantToBeAdopted(): Promise<never> {
  return Promise.reject(sqliteErrors.make('sqlite-failed', 'a scratch copy has no place to be put into'));
}

async function writeTimed(source: BackupSource, path: string, clock: Clock, work: Work): Promise<number> {
  work.report({ kind: 'step', text: `writing ${path}` });
  const began = clock.monotonicMs();
  await writeImage(source, path, work);
  await ownAsFolder(path);
  return Math.round(clock.monotonicMs() - began);
}

/** What root restores must be writable for the application, whose folder it is. */
async function ownAsFolder(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const folder = await stat(dirname(path));
  await chown(path, folder.uid, folder.gid);
}
