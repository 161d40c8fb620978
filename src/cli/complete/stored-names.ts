/** The databases and backups of a local repository, from the names of its folders alone. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDatabaseName, parseBackupId } from '../../domain/backup-name.ts';
import { backupsPrefix, manifestFile } from '../../repository/layout.ts';

export async function storedDatabases(repository: string): Promise<readonly string[]> {
  const names = (await namesIn(repository)).filter(isDatabaseName);
  return names.filter((name) => existsSync(join(repository, backupsPrefix(name))));
}

/** Finished ones, newest first. */
export async function storedIds(repository: string, database: string): Promise<readonly string[]> {
  if (!isDatabaseName(database)) return [];
  const folder = join(repository, backupsPrefix(database));
  const ids = (await namesIn(folder)).filter((name) => parseBackupId(name) !== null);
  return ids.filter((id) => existsSync(join(folder, id, manifestFile))).toSorted((a, b) => (a < b ? 1 : -1));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? await readdir(folder) : [];
}
