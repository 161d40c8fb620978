/** A backup found and hashed whole, before anything is restored from it. */

import type { Backup } from '../domain/backup.ts';
import { formatBytes } from '../domain/amounts.ts';
import type { Work } from '../domain/work.ts';
import type { EngineModule } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { operationErrors } from './errors.ts';
import type { Parts } from './parts.ts';
import { isDamage, problemOf } from './tracked-source.ts';
import { recordDamage } from './write-mark.ts';

export interface CheckedBackup {
  readonly repository: Repository;
  readonly backup: Backup;
  readonly checkedBytes: number;
}

/** Throws `wrong-engine` (2), and damage (15) after writing it down beside the backup. */
export async function findChecked(
  wanted: {
    readonly name: string;
    readonly database: string | null;
    readonly module: EngineModule;
    readonly by: string;
    /** Looks at the backup before its bytes are read: throws what makes reading them idle. */
    readonly demand?: (backup: Backup) => void;
  },
  parts: Parts,
  work: Work,
): Promise<CheckedBackup> {
  const repository = await parts.repository({ create: false });
  const { name, database, module, by } = wanted;
  const backup = await repository.find({ name, database, timeZone: parts.timeZone }, work.signal);
  const { manifest } = backup;
  if (manifest.engine !== module.kind) {
    const message = `${manifest.id} is a backup of ${manifest.origin.product}, the target is of another kind`;
    throw operationErrors.make('wrong-engine', message);
  }
  wanted.demand?.(backup);
  return { repository, backup, checkedBytes: await hashAll({ repository, backup, by }, parts, work) };
}

async function hashAll(
  { repository, backup, by }: { readonly repository: Repository; readonly backup: Backup; readonly by: string },
  parts: Parts,
  work: Work,
): Promise<number> {
  const { manifest } = backup;
  const totalBytes = manifest.artifacts.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  let doneBytes = 0;
  work.report({ kind: 'step', text: `checking ${manifest.id} (${formatBytes(totalBytes)})` });
  for (const artifact of manifest.artifacts) {
    try {
      await repository.hashStored(manifest, artifact, work.signal, (bytes) => {
        doneBytes += bytes;
        work.report({ kind: 'bytes', doneBytes, totalBytes: Math.max(totalBytes, doneBytes) });
      });
    } catch (thrown) {
      if (isDamage(thrown)) {
        await recordDamage({ repository, manifest, by }, [problemOf(artifact.name, thrown)], parts, work);
      }
      throw thrown;
    }
  }
  return doneBytes;
}
