/** Where things are in a store (docs/format.md, section 2). */

import { isDatabaseName, isFileName, parseBackupId } from '../domain/backup-name.ts';

export const repositoryFile = 'holdfast.json';
export const readmeFile = 'README.txt';
export const beginFile = 'begin.json';
export const manifestFile = 'manifest.json';
export const checksumsFile = 'SHA256SUMS';
export const instructionsFile = 'RESTORE.txt';
export const fingerprintFile = 'fingerprint.json.zst';

export interface FolderName {
  readonly database: string;
  readonly id: string;
}

export function backupsPrefix(database: string): string {
  return `${database}/backups/`;
}

export function folderPrefix({ database, id }: FolderName): string {
  return `${backupsPrefix(database)}${id}/`;
}

/** A key in a backup's folder; the name must have passed the manifest's schema, or be one of ours. */
export function fileKey(folder: FolderName, name: string): string {
  if (!isFileName(name)) throw new TypeError(`not the name of a file of a backup: ${name}`);
  return `${folderPrefix(folder)}${name}`;
}

/** Null for a key that is no file of a backup's folder. */
export function parseFileKey(key: string): (FolderName & { readonly file: string }) | null {
  const [database = '', backups, id = '', file = '', ...deeper] = key.split('/');
  if (backups !== 'backups' || file === '' || deeper.length > 0) return null;
  return isDatabaseName(database) && parseBackupId(id) !== null ? { database, id, file } : null;
}
