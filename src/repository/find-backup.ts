/** Finds the one backup a person named, reading no more folders than it must: `latest` is usually the first. */

import { domainErrors } from '../domain/errors.ts';
import type { Backup } from '../domain/backup.ts';
import { isEligible, parseChoice, type BackupChoice } from '../domain/choose-backup.ts';
import type { Store } from '../storage/store.ts';
import { readFolder, type CatalogParts, type FolderReading } from './catalog.ts';
import { repositoryErrors } from './errors.ts';
import { listDatabases, listFolder, listIds } from './folders.ts';
import type { FolderName } from './layout.ts';
import type { FindRequest } from './repository.ts';
import { mapBounded } from './small-object.ts';

const readsAtATime = 8;

/** Throws `backup-not-found`, `ambiguous-backup`, `which-database`, `manifest-damaged`, `manifest-unsupported`. */
export async function findBackup(
  store: Store,
  parts: CatalogParts,
  request: FindRequest,
  signal: AbortSignal,
): Promise<Backup> {
  const choice = parseChoice(request.name, request.timeZone);
  const databases = request.database === null ? await listDatabases(store, signal) : [request.database];
  if (choice.kind === 'id') return findById(store, parts, { choice, databases, name: request.name }, signal);
  const [database, ...others] = databases;
  if (others.length > 0) {
    throw repositoryErrors.make('which-database', `${store.label} holds backups of ${databases.join(', ')}`, {
      hint: `Name one of them, for example ${String(database)}.`,
    });
  }
  const backup = database === undefined ? null : await findNewest(store, parts, { choice, database }, signal);
  if (backup !== null) return backup;
  const wanted = choice.kind === 'latest' ? '' : ` finished by ${choice.time.toISOString()}`;
  const owner = database === undefined ? '' : ` of ${database}`;
  throw domainErrors.make('backup-not-found', `no whole, undamaged backup${owner}${wanted} in ${store.label}`);
}

async function findNewest(
  store: Store,
  parts: CatalogParts,
  wanted: { readonly choice: Exclude<BackupChoice, { readonly kind: 'id' }>; readonly database: string },
  signal: AbortSignal,
): Promise<Backup | null> {
  const { choice, database } = wanted;
  const ids = [...(await listIds(store, database, signal))].reverse();
  // One at first: nearly always it is the one.
  for (let from = 0, count = 1; from < ids.length; from += count, count = readsAtATime) {
    const readings = await readAll(
      store,
      parts,
      ids.slice(from, from + count).map((id) => ({ database, id })),
      signal,
    );
    for (const reading of readings) {
      if (reading.kind === 'backup' && isEligible(choice, reading.backup)) return reading.backup;
    }
  }
  return null;
}

async function findById(
  store: Store,
  parts: CatalogParts,
  wanted: {
    readonly choice: { readonly prefix: string };
    readonly databases: readonly string[];
    readonly name: string;
  },
  signal: AbortSignal,
): Promise<Backup> {
  const { prefix } = wanted.choice;
  const names: FolderName[] = [];
  for (const database of prefix === '' ? [] : wanted.databases) {
    for (const id of await listIds(store, database, signal)) if (id.startsWith(prefix)) names.push({ database, id });
  }
  const exact = names.filter((name) => name.id === prefix);
  const readings = await readAll(store, parts, exact.length > 0 ? exact : names.slice(0, 100), signal);
  const finished = readings.filter((reading) => reading.kind !== 'unfinished');
  const [only, second] = finished;
  if (only === undefined) throw notFound(store, wanted.name, readings);
  if (second !== undefined) {
    const ids = finished.slice(0, 5).map((reading) => folderOf(reading));
    throw domainErrors.make('ambiguous-backup', `several backups begin with "${wanted.name}": ${ids.join(', ')}`);
  }
  if (only.kind === 'backup') return only.backup;
  const { state, folder, problem } = only.unreadable;
  throw repositoryErrors.make(
    state === 'damaged' ? 'manifest-damaged' : 'manifest-unsupported',
    `${folder}: ${problem}`,
  );
}

function readAll(
  store: Store,
  parts: CatalogParts,
  names: readonly FolderName[],
  signal: AbortSignal,
): Promise<readonly FolderReading[]> {
  return mapBounded(names, readsAtATime, async (name) =>
    readFolder(store, parts, await listFolder(store, name, signal), signal),
  );
}

function notFound(store: Store, name: string, readings: readonly FolderReading[]): Error {
  const [first] = readings;
  if (first === undefined) return domainErrors.make('backup-not-found', `no backup "${name}" in ${store.label}`);
  return domainErrors.make('backup-not-found', `${folderOf(first)} was begun and never finished: it is not a backup`);
}

function folderOf(reading: FolderReading): string {
  switch (reading.kind) {
    case 'backup':
      return reading.backup.folder;
    case 'unreadable':
      return reading.unreadable.folder;
    case 'unfinished':
      return reading.unfinished.folder;
  }
}
