/** `scratch`: a backup restored where it harms nobody, to be compared and thrown away, or left as a staging database. */

import type { BackupSource } from '../../../domain/artifact.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredCopy, ScratchPlace } from '../../engine.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import { restoreLocally } from './scratch-local.ts';
import { restoreOnServer, restoreStaging } from './scratch-server.ts';

export function restoreToScratch(
  parts: PostgresParts,
  place: ScratchPlace,
  source: BackupSource,
  work: Work,
): Promise<RestoredCopy> {
  switch (place.kind) {
    case 'local':
      return restoreLocally(parts, source, work);
    case 'server':
      return restoreOnServer(parts, place.target, source, work);
    case 'staging':
      return restoreStaging(parts, place.target, source, work);
  }
}
