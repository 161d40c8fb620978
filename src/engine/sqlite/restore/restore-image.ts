/** Restores an image into a file: beside a database to be swapped in, into a scratch place, or as a staging database. */

import { chown, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupSource } from '../../../domain/artifact.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { Work } from '../../../domain/work.ts';
import type { Adoption, RestoredCopy, RestorePlan, ScratchPlace } from '../../engine.ts';
import { imageArtifact, writeImage } from '../image/image-file.ts';
import { makeWorkingFolder } from '../image/working-folder.ts';
import { runJob } from '../job/run-job.ts';
import { locateDatabase } from '../target/database-file.ts';
import { restoringName } from './file-names.ts';
import { removeDatabase, restoredCopy } from './restored-copy.ts';

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
  const path = restoringName(plan.finalName, process.pid, parts.random());
  const restoreMs = await writeTimed(source, path, parts, work);
  await ownAsFolder(path);
  return restoredCopy({
    path,
    name: plan.finalName,
    description: `file ${path}`,
    restoreMs,
    findings: [],
    isPrivate: true,
    adopt: (adoptWork) => adoptFile(path, plan, adoptWork),
    remove: () => removeDatabase(path),
  });
}

/** A file in a folder of its own, or beside the named one; a staging file takes its place at once and stays. */
export async function restoreToScratch(
  place: ScratchPlace,
  source: BackupSource,
  parts: RestoreParts,
  work: Work,
): Promise<RestoredCopy> {
  if (place.kind === 'local') return restoreToFolder(source, parts, work);
  const file = locateDatabase(place.target);
  const path = restoringName(file.path, process.pid, parts.random());
  const restoreMs = await writeTimed(source, path, parts, work);
  if (place.kind === 'server') return scratchCopy(path, restoreMs, () => removeDatabase(path));
  try {
    await runJob('replace', { path: file.path, incoming: path }, uninterrupted(work));
  } catch (cause) {
    await removeDatabase(path);
    throw cause;
  }
  return restoredCopy({
    ...stagingFacts(file.path),
    path: file.path,
    restoreMs,
    findings: file.findings,
  });
}
