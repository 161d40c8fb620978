/** Folders that a killed demonstration left behind; its throwaway servers are named in the state directory inside. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findAbandonedDirectories } from '../../system/temporary-directory.ts';

export const demoPurpose = 'demo';

export async function clearAbandoned(sweep: (stateDirectory: string) => Promise<void>): Promise<void> {
  for (const folder of await findAbandonedDirectories(demoPurpose)) {
    await sweep(join(folder, 'state'));
    await rm(folder, { recursive: true, force: true });
  }
}
