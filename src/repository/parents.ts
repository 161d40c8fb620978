/**
 * Which backups others build on, from every `begin.json` of a database: also of folders that are not finished yet, and of
 * those on their way out. One that cannot be read may build on any older one of its kind.
 */

import { parseBackupId } from '../domain/backup-name.ts';
import type { Store } from '../storage/store.ts';
import { listFolders } from './folders.ts';
import { beginFile, fileKey } from './layout.ts';
import { decodeBegin } from './manifest-codec.ts';
import { mapBounded, readSmall } from './small-object.ts';

export interface Parents {
  /** Why this backup must stay; null when nothing builds on it. */
  neededBy(id: string): string | null;
}

interface Child {
  readonly id: string;
  readonly parent: string | null;
  /** Its `begin.json` is missing or cannot be read. */
  readonly isUnclear: boolean;
}

const readsAtATime = 16;

export async function readParents(store: Store, database: string, signal: AbortSignal): Promise<Parents> {
  const folders = await listFolders(store, database, signal);
  const children = await mapBounded(folders, readsAtATime, async (folder): Promise<Child> => {
    const { id } = folder;
    const bytes = folder.files.has(beginFile) ? await readSmall(store, fileKey(folder, beginFile), signal) : null;
    const begin = bytes === null ? null : decodeBegin(bytes, folder);
    return begin?.ok === true
      ? { id, parent: begin.value.parent, isUnclear: false }
      : { id, parent: null, isUnclear: mayHaveParent(id) };
  });
  return {
    neededBy: (id) => {
      const child = children.find(({ parent }) => parent === id);
      if (child !== undefined) return `${child.id} builds on it`;
      const unclear = mayHaveParent(id) ? children.find((one) => one.isUnclear && one.id > id) : undefined;
      return unclear === undefined ? null : `${unclear.id} may build on it: its ${beginFile} cannot be read`;
    },
  };
}

/** Dumps and images stand alone. */
function mayHaveParent(id: string): boolean {
  return parseBackupId(id)?.kind === 'base';
}
