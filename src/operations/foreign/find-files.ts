/** The files in a folder and below it that are not the repository's own. Nothing is opened, nothing is changed. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBackupId } from '../../domain/backup-name.ts';
import { messageOf } from '../../domain/error.ts';
import { foreignErrors } from './errors.ts';
import type { InputFile } from './input-file.ts';

/** Scripts make folders for the year, the month, the day; deeper ones are something else. */
const deepest = 6;
/** Folders and files of a repository (docs/format.md, section 2). */
const ownFolders: ReadonlySet<string> = new Set(['servers', 'audit', 'config']);
const ownFiles: ReadonlySet<string> = new Set(['holdfast.json', 'README.txt']);

/** `label` is the path below the folder. Throws `file-unreadable` when the folder itself cannot be read. */
export async function* findFiles(folder: string, signal: AbortSignal): AsyncGenerator<InputFile> {
  const top = await readdir(folder).catch((cause: unknown) => {
    throw foreignErrors.make('file-unreadable', `${folder} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const isRepository = top.includes('holdfast.json');
  yield* below(folder, '', 0, isRepository, signal);
}

async function* below(
  folder: string,
  inside: string,
  depth: number,
  isRepository: boolean,
  signal: AbortSignal,
): AsyncGenerator<InputFile> {
  signal.throwIfAborted();
  // A folder of another user's is not ours to look into.
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => []);
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const { name } = entry;
    const label = join(inside, name);
    if (name.startsWith('.') || (isRepository && depth === 0 && isOwn(name))) continue;
    if (entry.isDirectory()) {
      if (depth < deepest && parseBackupId(name) === null) yield* below(folder, label, depth + 1, isRepository, signal);
      continue;
    }
    // A file may be gone by now; one that a link names counts.
    const facts = await stat(join(folder, label)).catch(() => null);
    if (facts?.isFile() !== true) continue;
    yield { label, name, path: join(folder, label), sizeBytes: facts.size, modified: facts.mtime };
  }
}

function isOwn(name: string): boolean {
  return ownFolders.has(name) || ownFiles.has(name);
}
