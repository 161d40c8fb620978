/** The folders of backups that a store holds, with their files, from one listing. */

import { isDatabaseName } from '../domain/backup-name.ts';
import type { Store, StoredObject } from '../storage/store.ts';
import { backupsPrefix, folderPrefix, parseFileKey, type FolderName } from './layout.ts';

export interface Folder extends FolderName {
  readonly files: ReadonlyMap<string, StoredObject>;
}

/** Databases that have at least one file of a backup, in order. */
export async function listDatabases(store: Store, signal: AbortSignal): Promise<readonly string[]> {
  const databases: string[] = [];
  for await (const { key, object } of store.list('', { delimiter: '/', signal })) {
    const name = key.slice(0, -1);
    if (object === null && isDatabaseName(name) && (await hasBackups(store, name, signal))) databases.push(name);
  }
  return databases;
}

/** In the order of their ids, oldest first. */
export async function listFolders(store: Store, database: string, signal: AbortSignal): Promise<readonly Folder[]> {
  return gather(store, backupsPrefix(database), signal);
}

/** Ids only, oldest first: cheaper than the files when there are many. */
export async function listIds(store: Store, database: string, signal: AbortSignal): Promise<readonly string[]> {
  const prefix = backupsPrefix(database);
  const ids: string[] = [];
  for await (const { key, object } of store.list(prefix, { delimiter: '/', signal })) {
    const id = key.slice(prefix.length, -1);
    if (object === null && parseFileKey(`${prefix}${id}/x`) !== null) ids.push(id);
  }
  return ids;
}

/** Empty when there is no such folder. */
export async function listFolder(store: Store, name: FolderName, signal: AbortSignal): Promise<Folder> {
  const [folder] = await gather(store, folderPrefix(name), signal);
  return folder ?? { ...name, files: new Map() };
}

async function hasBackups(store: Store, database: string, signal: AbortSignal): Promise<boolean> {
  for await (const { key } of store.list(backupsPrefix(database), { signal })) {
    if (parseFileKey(key) !== null) return true;
  }
  return false;
}

async function gather(store: Store, prefix: string, signal: AbortSignal): Promise<readonly Folder[]> {
  const folders = new Map<string, FolderName & { readonly files: Map<string, StoredObject> }>();
  for await (const { key, object } of store.list(prefix, { signal })) {
    const parsed = parseFileKey(key);
    if (parsed === null || object === null) continue;
    const { database, id, file } = parsed;
    const folder = folders.get(id) ?? { database, id, files: new Map<string, StoredObject>() };
    folder.files.set(file, object);
    folders.set(id, folder);
  }
  return [...folders.values()];
}
