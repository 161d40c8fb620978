/** Opens a repository in a store, or makes one there. */

import type { Manifest } from '../domain/manifest.ts';
import type { Store } from '../storage/store.ts';
import { readCatalog } from './catalog.ts';
import { repositoryErrors } from './errors.ts';
import { findBackup } from './find-backup.ts';
import { listDatabases, listFolder } from './folders.ts';
import { checkFolder } from './folder-check.ts';
import { fileKey } from './layout.ts';
import { writeMark } from './marks.ts';
import { readParents } from './parents.ts';
import { hashStoredBytes, openBackup } from './reader.ts';
import { createRepositoryFile, readRepositoryFile, type RepositoryFacts } from './repository-file.ts';
import type { FolderFile, Repository, RepositoryParts } from './repository.ts';
import { readSmall } from './small-object.ts';
import { removeExpired, removeUnfinished } from './sweep.ts';
import { beginBackup } from './writer.ts';

export interface OpenOptions extends RepositoryParts {
  /** Makes the repository when there is none; otherwise `no-repository` is thrown. */
  readonly create: boolean;
  readonly signal?: AbortSignal;
}

export async function openRepository(store: Store, options: OpenOptions): Promise<Repository> {
  const facts = await readOrCreate(store, options);
  return {
    label: store.label,
    ...facts,
    beginBackup: (request, signal) => beginBackup(store, options, request, signal),
    databases: (signal) => listDatabases(store, signal),
    list: (request, signal) => readCatalog(store, options, request, signal),
    find: (request, signal) => findBackup(store, options, request, signal),
    open: (manifest) => openBackup(store, manifest),
    hashStored: (manifest, artifact, signal, onBytes) => hashStoredBytes(store, manifest, artifact, signal, onBytes),
    checkFolder: (manifest, signal) => checkFolder(store, manifest, signal),
    files: (manifest, signal) => listFiles(store, manifest, signal),
    readFile: (manifest, name, signal) => readSmall(store, fileKey(manifest, name), signal),
    addMark: (database, mark, signal) => writeMark(store, database, mark, options.random(), signal),
    parents: (database, signal) => readParents(store, database, signal),
    removeExpired: (name, signal) => removeExpired(store, options, name, signal),
    removeUnfinished: (name, signal) => removeUnfinished(store, options, name, signal),
    freeBytes: () => store.freeBytes(),
    probe: (signal) => probe(store, options.random(), signal),
  };
}

async function readOrCreate(store: Store, options: OpenOptions): Promise<RepositoryFacts> {
  const signal = options.signal ?? new AbortController().signal;
  try {
    return await readRepositoryFile(store, signal);
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'no-repository';
    if (!isMissing || !options.create) throw thrown;
    return createRepositoryFile(store, options, signal);
  }
}

async function listFiles(store: Store, manifest: Manifest, signal: AbortSignal): Promise<readonly FolderFile[]> {
  const { files } = await listFolder(store, manifest, signal);
  return [...files].map(([name, object]) => ({ ...object, name }));
}

/** The object lies in the root, where nothing else of ours has a changing name. */
async function probe(store: Store, random: string, signal: AbortSignal): Promise<{ readonly storeTime: Date }> {
  const key = `holdfast-probe-${random}`;
  const content = Buffer.from('written by holdfast doctor; may be deleted\n');
  try {
    await store.put(key, content, { ifAbsent: true, signal });
    const object = await store.head(key, signal);
    const bytes = await readSmall(store, key, signal);
    if (object === null || bytes === null || !bytes.equals(content)) {
      throw repositoryErrors.make('write-lost', `${store.label} did not give back what was written`);
    }
    return { storeTime: object.modified };
  } finally {
    await store.delete(key);
  }
}
