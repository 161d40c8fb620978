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
import { listDatabases, listFolder, listFolders, listIds, type Folder } from './folders.ts';
import { beginFile, fileKey, folderPrefix, manifestFile, type FolderName } from './layout.ts';
import { decodeBegin, decodeManifest } from './manifest-codec.ts';
import { readHold, readMarks } from './marks.ts';
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

/** Newest first, over all databases. */
export async function readCatalog(
  store: Store,
  parts: CatalogParts,
  { database, newest }: ListRequest,
  signal: AbortSignal,
): Promise<Catalog> {
  const databases = database === null ? await listDatabases(store, signal) : [database];
  const read = (folder: Folder): Promise<FolderReading> => readFolder(store, parts, folder, signal);
  const { readings, unread } =
    newest === null
      ? { readings: await readAll(store, databases, read, signal), unread: 0 }
      : await readNewest(store, databases, newest, read, signal);
  const unfinished = readings.flatMap((reading) => (reading.kind === 'unfinished' ? [reading.unfinished] : []));
  return {
    total: readings.length - unfinished.length + unread,
    backups: readings.flatMap((reading) => (reading.kind === 'backup' ? [reading.backup] : [])),
    unreadable: readings.flatMap((reading) => (reading.kind === 'unreadable' ? [reading.unreadable] : [])),
    unfinished,
  };
}

type ReadFolder = (folder: Folder) => Promise<FolderReading>;

async function readAll(
  store: Store,
  databases: readonly string[],
  read: ReadFolder,
  signal: AbortSignal,
): Promise<readonly FolderReading[]> {
  const folders: Folder[] = [];
  for (const name of databases) folders.push(...(await listFolders(store, name, signal)));
  return mapBounded(folders.sort(byNewestId), readsAtATime, read);
}

/** Looks into no more folders than it must to find as many finished ones. */
async function readNewest(
  store: Store,
  databases: readonly string[],
  newest: number,
  read: ReadFolder,
  signal: AbortSignal,
): Promise<{ readonly readings: readonly FolderReading[]; readonly unread: number }> {
  const names: FolderName[] = [];
  for (const database of databases) {
    for (const id of await listIds(store, database, signal)) names.push({ database, id });
  }
  names.sort(byNewestId);
  const readings: FolderReading[] = [];
  let missing = newest;
  while (missing > 0 && readings.length < names.length) {
    const next = names.slice(readings.length, readings.length + missing);
    const more = await mapBounded(next, readsAtATime, async (name) => read(await listFolder(store, name, signal)));
    readings.push(...more);
    missing -= more.filter(({ kind }) => kind !== 'unfinished').length;
  }
  return { readings, unread: names.length - readings.length };
}

/** Ids begin with their time. */
function byNewestId(a: FolderName, b: FolderName): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
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
  // Without its tombstone it would count as a backup, and get another one: what is left is looked at again.
  if (marks === null) return readFolder(store, parts, await listFolder(store, folder, signal), signal);
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
  const nowMs = parts.clock.now().getTime();
  const lastWriteMs = Math.max(...[...files.values()].map(({ modified }) => modified.getTime()));
  return {
    id,
    database,
    folder: folderLabel(store, folder),
    begin,
    files: files.size,
    storedBytes: [...files.values()].reduce((sum, file) => sum + file.sizeBytes, 0),
    process: begin === null || begin.host !== parts.host ? 'unknown' : liveness(begin.pid, begin.startedTicks),
    ageMs: started === undefined ? null : nowMs - started.getTime(),
    idleMs: files.size === 0 ? null : nowMs - lastWriteMs,
    hold: await readHold(store, folder, signal),
  };
}

function liveness(pid: number, startedTicks: number | null): 'running' | 'dead' {
  return isProcessAlive(pid, startedTicks ?? undefined) ? 'running' : 'dead';
}

function folderLabel(store: Store, folder: Folder): string {
  return `${store.label}/${folderPrefix(folder).slice(0, -1)}`;
}
