/** What belongs to a restore beside the backup and the place: the steps around it, and the backup of what it replaces. */

import { usualSettings } from '../config/database-settings.ts';
import type { ForeignFile } from '../operations/foreign/open-file.ts';
import type { Parts } from '../operations/parts.ts';
import type { RestoreRequest } from '../operations/restore.ts';
import type { Chosen } from './choose.ts';

/** Which backup, and what goes with it. */
export interface WantedRestore extends Pick<RestoreRequest, 'hooks' | 'safety'> {
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
}

export interface RestoreWishes {
  /** False: the steps of `hooks:` are not run. */
  readonly hooks: boolean;
  /** Undefined: in place only. */
  readonly safetyBackup: boolean | undefined;
  readonly inPlace: boolean;
  /** Into another server, or under another name. */
  readonly elsewhere: boolean;
}

/** Steps around a restore are about the application of the very database: not about one elsewhere. */
export function restoreSettings(
  wishes: RestoreWishes,
  { settings, configuration }: Chosen,
): Pick<WantedRestore, 'hooks' | 'safety'> {
  const hooks = settings?.hooks ?? configuration.hooks;
  const isSafe = wishes.safetyBackup ?? wishes.inPlace;
  const { formats, zstdLevel, lockTimeoutMs } = settings ?? usualSettings;
  return {
    ...(wishes.elsewhere || !wishes.hooks || hooks === undefined ? {} : { hooks }),
    ...(isSafe ? { safety: { formats, zstdLevel, lockTimeoutMs } } : {}),
  };
}

/** A file stands in for the repository: everything else is the same. */
export function wantedFromFile(
  file: ForeignFile,
  settings: Pick<WantedRestore, 'hooks' | 'safety'>,
  chosen: Chosen,
  parts: Parts,
): WantedRestore {
  const { database, id: backup } = file.manifest;
  const repository: Parts['repository'] = (options) => parts.repository(options);
  // A safety backup goes where backups go, under the name of the database that is replaced.
  const place = { repository, ...(chosen.database === null ? {} : { database: chosen.database }) };
  const safety = settings.safety === undefined ? {} : { safety: { ...settings.safety, ...place } };
  return { database, backup, ...settings, ...safety };
}
