/** What to back up of a whole server, and how each of its databases: by its own entry in the settings, else by the server's. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { isSameTarget } from '../config/same-target.ts';
import type { ServerDatabase, TargetSpec } from '../engine/engine.ts';
import type { BackupRequest } from '../operations/backup.ts';
import type { ServerBackupRequest } from '../operations/whole-server/backup-server.ts';
import { backupRequestOf, type BackupWishes } from './backup-request.ts';

export interface WantedServer {
  readonly wishes: BackupWishes;
  /** Patterns of databases that are no part of it, besides the configured ones. */
  readonly exclude: readonly string[];
  readonly settings: DatabaseSettings;
  readonly target: TargetSpec;
  readonly configuration: Configuration;
}

export function serverRequestOf(
  wanted: WantedServer,
): Pick<ServerBackupRequest, 'target' | 'exclude' | 'configuredName' | 'requestFor'> {
  return {
    target: wanted.target,
    exclude: [...wanted.settings.excludedDatabases, ...wanted.exclude],
    configuredName: (database) => entryOf(database, wanted)?.name ?? null,
    requestFor: (database, place) => requestFor(database, place, wanted),
  };
}

/** An entry of its own, by its address or, where it has none, by its name. */
function entryOf(database: ServerDatabase, { settings, configuration }: WantedServer): DatabaseSettings | null {
  const others = configuration.databases.filter((each) => !each.all && each !== settings);
  return (
    others.find(({ target }) => target !== null && isSameTarget(target, database.target)) ??
    others.find(({ target, name }) => target === null && name === database.name) ??
    null
  );
}

/** Of a server small databases are a part: only limits that somebody set say more than that there must be something. */
function requestFor(database: ServerDatabase, place: string, wanted: WantedServer): BackupRequest {
  const { wishes, configuration } = wanted;
  const settings = { ...(entryOf(database, wanted) ?? wanted.settings), name: place };
  const request = backupRequestOf(wishes, settings, database.target, configuration);
  const { minimumBytes, warnBelowBytes } = configuration.sizes;
  return {
    ...request,
    sizeLimits: { ...request.sizeLimits, minimumBytes: minimumBytes ?? 1, smallBytes: warnBelowBytes },
  };
}
