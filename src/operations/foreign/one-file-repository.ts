/**
 * One file of somebody else's as a repository with one backup in it, so that everything that is done with a backup can be
 * done with the file. Nothing is ever written beside the file: marks are kept as long as the program runs.
 */

import type { BackupSource } from '../../domain/artifact.ts';
import { holdOf } from '../../domain/backup-hold.ts';
import { newestProof, newestVerified, sortMarks, stateOf } from '../../domain/backup-state.ts';
import type { Backup } from '../../domain/backup.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Mark } from '../../domain/mark.ts';
import type { Repository } from '../../repository/repository.ts';
import { foreignErrors } from './errors.ts';

export interface OneFile {
  /** For people. */
  readonly label: string;
  readonly manifest: Manifest;
  readonly source: BackupSource;
  /** Throws `file-changed` unless the stored bytes are those that were looked through. */
  hashStored(signal: AbortSignal, onBytes: (bytes: number) => void): Promise<void>;
}

export function oneFileRepository(file: OneFile): Repository {
  const { label, manifest, source } = file;
  let marks: readonly Mark[] = [];
  const backup = (): Backup => ({
    manifest,
    folder: label,
    state: stateOf(marks),
    marks,
    hold: holdOf(marks),
    strangers: [],
    newestProof: newestProof(marks),
    newestVerified: newestVerified(marks),
  });
  const refuse = (): Promise<never> =>
    Promise.reject(foreignErrors.make('file-not-restorable', `${label} is one file, and nothing is written to it`));
  return {
    label,
    id: label,
    created: false,
    beginBackup: refuse,
    probe: refuse,
    databases: () => Promise.resolve([manifest.database]),
    list: () => Promise.resolve({ total: 1, backups: [backup()], unreadable: [], unfinished: [] }),
    find: () => Promise.resolve(backup()),
    open: () => source,
    hashStored: (_manifest, _artifact, signal, onBytes) => file.hashStored(signal, onBytes),
    checkFolder: () => Promise.resolve([]),
    files: () => Promise.resolve([]),
    readFile: () => Promise.resolve(null),
    addMark: (_database, mark) => {
      marks = sortMarks([...marks, mark]);
      return Promise.resolve();
    },
    parents: () => Promise.resolve({ neededBy: () => null }),
    removeExpired: () => Promise.resolve(null),
    removeUnfinished: () => Promise.resolve(null),
    freeBytes: () => Promise.resolve(null),
  };
}
