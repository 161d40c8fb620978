/**
 * Deletes a folder, in an order that keeps the promise of docs/format.md, section 1, wherever it stops: the manifest first, so
 * that what is left is no backup; the tombstone last, so that what is left says what it is. Each looks at the folder again
 * before the first deletion. Nobody holds a lock: deleting what another run deleted already is no error.
 */

import { deletableFrom } from '../domain/backup-hold.ts';
import { judgeLeftover } from '../domain/retention/leftover.ts';
import type { Store } from '../storage/store.ts';
import { readFolder, type CatalogParts } from './catalog.ts';
import { listFolder, type Folder } from './folders.ts';
import { beginFile, fileKey, manifestFile, type FolderName } from './layout.ts';
import { readHold } from './marks.ts';

export interface Removed {
  readonly files: number;
  readonly storedBytes: number;
}

/** One with a tombstone whose grace period is over, also half deleted. Null: it has none any more, or was pinned. */
export async function removeExpired(
  store: Store,
  parts: CatalogParts,
  name: FolderName,
  signal: AbortSignal,
): Promise<Removed | null> {
  const folder = await listFolder(store, name, signal);
  const from = deletableFrom(await readHold(store, folder, signal));
  if (from === null || parts.clock.now().getTime() < from.getTime()) return null;
  return removeFolder(store, folder, signal);
}

/** One without a manifest that nobody writes any more. Null: it got one meanwhile, or must stay for now. */
export async function removeUnfinished(
  store: Store,
  parts: CatalogParts,
  name: FolderName,
  signal: AbortSignal,
): Promise<Removed | null> {
  const folder = await listFolder(store, name, signal);
  if (folder.files.size === 0) return null;
  const reading = await readFolder(store, parts, folder, signal);
  if (reading.kind !== 'unfinished') return null;
  return judgeLeftover(reading.unfinished, parts.clock.now()).goes ? removeFolder(store, folder, signal) : null;
}

async function removeFolder(store: Store, folder: Folder, signal: AbortSignal): Promise<Removed> {
  const names = [...folder.files.keys()].toSorted((a, b) => turn(a) - turn(b));
  for (const file of names) await store.delete(fileKey(folder, file), signal);
  const storedBytes = [...folder.files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { files: names.length, storedBytes };
}

/** A pin goes before what took it away: the other way round the remains would be pinned. */
function turn(file: string): number {
  if (file === manifestFile) return 0;
  if (file.startsWith('pin-')) return 1;
  if (file === beginFile) return 3;
  return file.startsWith('expired-') ? 4 : 2;
}
