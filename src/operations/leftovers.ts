/** What killed runs left: cleared up where it is ours alone and on this machine, otherwise named. */

import type { UnfinishedBackup } from '../domain/backup.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, EngineModule } from '../engine/engine.ts';
import { mergeFindings, unfinishedFindings } from './findings.ts';

/** `engine`: the target whose server is looked at; null for none. */
export async function findLeftovers(
  module: EngineModule,
  engine: Engine | null,
  unfinished: readonly UnfinishedBackup[],
  work: Work,
): Promise<readonly Finding[]> {
  const swept = await module.sweepLocal(work);
  const onTarget = engine === null ? [] : await engine.leftovers(work);
  return mergeFindings(swept, onTarget, unfinishedFindings(unfinished));
}
