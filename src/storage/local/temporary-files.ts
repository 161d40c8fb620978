/** What writes that were interrupted left in a folder tree. */

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryPrefix } from '../key.ts';
import { hasErrno } from './errors-of.ts';

export interface TemporaryFile {
  readonly path: string;
  readonly modified: Date;
}

/** Symbolic links are not followed: what is behind them is another's to clean. */
export async function* findTemporary(folder: string): AsyncGenerator<TemporaryFile> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* findTemporary(path);
    } else if (entry.isFile() && entry.name.startsWith(temporaryPrefix)) {
      const modified = await modifiedOf(path);
      if (modified !== null) yield { path, modified };
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return [];
    throw cause;
  }
}

async function modifiedOf(path: string): Promise<Date | null> {
  try {
    return (await stat(path)).mtime;
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT')) return null;
    throw cause;
  }
}
