/**
 * A damaged database is never opened: SQLite would roll back a journal, or write a log back, into pages that may be the last
 * trace of something. The file and what lies beside it are copied byte for byte, and all work is done on the copy.
 */

import { copyFile, stat } from 'node:fs/promises';
import { constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import { filesOf, requireDatabaseFile } from '../image/require-file.ts';
import { makeWorkingFolder } from '../image/working-folder.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { findFileUsers } from '../restore/open-handles.ts';
import type { DatabaseFile } from '../target/database-file.ts';

export interface PrivateCopy extends AsyncDisposable {
  readonly path: string;
  /** For a file beside the copy. */
  readonly folder: string;
  readonly sizeBytes: number;
  readonly findings: readonly Finding[];
}

/** `times`: how often the database's size must fit into the folder. */
export async function copyAside(file: DatabaseFile, times: number, work: Work): Promise<PrivateCopy> {
  requireDatabaseFile(file.path);
  // The shared-memory file is made anew from the log.
  const present = filesOf(file.path).filter((path) => !path.endsWith('-shm') && existsSync(path));
  const before = await statesOf(present);
  const sizeBytes = before.reduce((sum, state) => sum + (state?.size ?? 0), 0);
  const folder = await makeWorkingFolder(sizeBytes * times, file.folder);
  try {
    work.report({ kind: 'step', text: `copying ${file.name} as it is` });
    const path = join(folder.path, 'damaged.db');
    for (const one of present) {
      work.signal.throwIfAborted();
      const target = path + one.slice(file.path.length);
      await copyPresent(one, target);
    }
    const findings = [...usersFinding(file), ...changeFinding(file, before, await statesOf(present))];
    return {
      path,
      folder: folder.path,
      sizeBytes,
      findings,
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  } catch (cause) {
    await folder[Symbol.asyncDispose]();
    work.signal.throwIfAborted();
    throw asHoldfastError(cause, file.path);
  }
}

/** A journal goes when its transaction ends: that it went shows in the states before and after. */
async function copyPresent(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (thrown) {
    if (!isMissing(thrown) || !/-(?:wal|journal)$/.test(from)) throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}

interface FileState {
  readonly size: number;
  readonly changedMs: number;
}

/** Of a file that is gone: null. */
async function statesOf(paths: readonly string[]): Promise<readonly (FileState | null)[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        const { size, mtimeMs } = await stat(path);
        return { size, changedMs: mtimeMs };
      } catch (thrown) {
        if (isMissing(thrown)) return null;
        throw thrown;
      }
    }),
  );
}

function changeFinding(
  { path }: DatabaseFile,
  before: readonly (FileState | null)[],
  after: readonly (FileState | null)[],
): readonly Finding[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    {
      severity: 'warning',
      code: 'sqlite-changed-meanwhile',
      message: `${path} was written to while it was copied: what looks like damage may be two moments in one file`,
      hint: 'Stop the application, and run it again.',
    },
  ];
}

function usersFinding({ path }: DatabaseFile): readonly Finding[] {
  const users = findFileUsers(filesOf(path)).map(({ program, pid }) => `${program} (process ${String(pid)})`);
  if (users.length === 0) return [];
  return [
    {
      severity: 'note',
      code: 'sqlite-in-use',
      message: `${path} is open in ${users.join(', ')}`,
      hint: 'Stop the application before it makes the damage worse.',
    },
  ];
}
