/**
 * What is in a repository. A folder whose manifest cannot be used is listed as what it is; it never hides the others and
 * never makes the list fail. One listing per database and one small read per manifest and mark.
 */

import type { Backup, Catalog, UnfinishedBackup, UnreadableBackup } from '../domain/backup.ts';
import { parseBackupId } from '../domain/backup-name.ts';
import type { Clock } from '../domain/clock.ts';
import type { Store } from '../storage/store.ts';
import { isProcessAlive } from '../system/process-alive.ts';
import type { ListRequest } from './repository.ts';
import { listDatabases, listFolders, type Folder } from './folders.ts';
import { beginFile, fileKey, folderPrefix, manifestFile } from './layout.ts';
import { decodeBegin, decodeManifest } from './manifest-codec.ts';
import { readMarks } from './marks.ts';
import { mapBounded, readSmall } from './small-object.ts';

export interface CatalogParts {
  readonly clock: Clock;
  readonly host: string;
}

export type FolderReading =
  | { readonly kind: 'backup'; readonly backup: Backup }
  | { readonly kind: 'unreadable'; readonly unreadable: UnreadableBackup }
  | { readonly kind: 'unfinished'; readonly unfinished: UnfinishedBackup };

const readsAtATime = 16;

export async function readCatalog(
  store: Store,
  parts: CatalogParts,
  request: ListRequest,
  signal: AbortSignal,
): Promise<Catalog> {
  const { database, newest } = request;
  const databases = database === null ? await listDatabases(store, signal) : [database];
  const folders: Folder[] = [];
  for (const name of databases) folders.push(...(await listFolders(store, name, signal)));
  // Ids begin with their time: newest first, over all databases.
  folders.sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? 1 : -1));
  let finished = 0;
  const wanted = folders.filter(({ files }) => !files.has(manifestFile) || newest === null || finished++ < newest);
  const readings = await mapBounded(wanted, readsAtATime, (folder) => readFolder(store, parts, folder, signal));
  return {
    total: folders.filter(({ files }) => files.has(manifestFile)).length,
    backups: readings.flatMap((reading) => (reading.kind === 'backup' ? [reading.backup] : [])),
    unreadable: readings.flatMap((reading) => (reading.kind === 'unreadable' ? [reading.unreadable] : [])),
    unfinished: readings.flatMap((reading) => (reading.kind === 'unfinished' ? [reading.unfinished] : [])),
  };
}

export async function readFolder(
  store: Store,
  parts: CatalogParts,
  folder: Folder,
  signal: AbortSignal,
): Promise<FolderReading> {
  const { id, database } = folder;
  const where = folderLabel(store, folder);
  const bytes = folder.files.has(manifestFile) ? await readSmall(store, fileKey(folder, manifestFile), signal) : null;
  if (bytes === null) return { kind: 'unfinished', unfinished: await readUnfinished(store, parts, folder, signal) };
  const decoded = decodeManifest(bytes, folder);
  if (!decoded.ok) {
    const { state, problem } = decoded;
    const unreadable = { id, database, folder: where, state, problem: `${manifestFile}: ${problem}` };
    return { kind: 'unreadable', unreadable };
  }
  const marks = await readMarks(store, folder, decoded.value, signal);
  return { kind: 'backup', backup: { manifest: decoded.value, folder: where, ...marks } };
}

async function readUnfinished(
  store: Store,
  parts: CatalogParts,
  folder: Folder,
  signal: AbortSignal,
): Promise<UnfinishedBackup> {
  const { id, database, files } = folder;
  const bytes = files.has(beginFile) ? await readSmall(store, fileKey(folder, beginFile), signal) : null;
  const decoded = bytes === null ? null : decodeBegin(bytes, folder);
  const begin = decoded?.ok === true ? decoded.value : null;
  const started = begin === null ? parseBackupId(id)?.time : new Date(begin.started);
  return {
    id,
    database,
    folder: folderLabel(store, folder),
    begin,
    files: files.size,
    storedBytes: [...files.values()].reduce((sum, file) => sum + file.sizeBytes, 0),
    process: begin === null || begin.host !== parts.host ? 'unknown' : liveness(begin.pid, begin.startedTicks),
    ageMs: started === undefined ? null : parts.clock.now().getTime() - started.getTime(),
  };
}

function liveness(pid: number, startedTicks: number | null): 'running' | 'dead' {
  return isProcessAlive(pid, startedTicks ?? undefined) ? 'running' : 'dead';
}

function folderLabel(store: Store, folder: Folder): string {
  return `${store.label}/${folderPrefix(folder).slice(0, -1)}`;
}
