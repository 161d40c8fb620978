/** `scratch`: a backup restored where it harms nobody, to be compared and thrown away, or left as a staging database. */

import type { BackupSource } from '../../../domain/artifact.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredCopy, ScratchPlace } from '../../engine.ts';
import { readAddress } from '../connection/address.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import { keepReached } from '../via/reach.ts';
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
      return keepReached(readAddress(place.target), work.signal, ({ address }) =>
        restoreOnServer(parts, address, source, work),
      );
    case 'staging':
      return keepReached(readAddress(place.target), work.signal, ({ address }) =>
        restoreStaging(parts, address, source, work),
      );
  }
}
