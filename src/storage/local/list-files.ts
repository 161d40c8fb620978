/**
 * Listing a folder tree in the order of UTF-8 bytes of the whole key, one folder in memory at a time. A folder sorts as
 * its name with `/` behind it: `a.b` comes before `a/b`, which comes before `a0`.
 *
 * Listed are regular files, also through symbolic links; left out are what is being written (`.tmp-…`), sockets and
 * the like, links that lead back to a folder on the way to them, and names that are not UTF-8, which no key can name.
 */

import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareKeys, temporaryPrefix } from '../key.ts';
import type { ListEntry, ListOptions, StoredObject } from '../store.ts';
import { hasErrno } from './errors-of.ts';

/** Files asked about at a time. */
const statsAtOnce = 32;

interface Child {
  /** From the root; of a folder with `/` at its end. */
  readonly key: string;
  readonly isFolder: boolean;
}

export async function* listFiles(root: string, prefix: string, options: ListOptions): AsyncGenerator<ListEntry> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const { startAfter } = options;
  const isWanted = (key: string): boolean => startAfter === undefined || compareKeys(key, startAfter) > 0;
  /** A folder may hold wanted keys although it sorts before `startAfter` itself. */
  const mayHold = (key: string): boolean => isWanted(key) || (startAfter ?? '').startsWith(key);

  async function* walk(start: string): AsyncGenerator<ListEntry> {
    const children = (await childrenOf(root, start)).filter((child) =>
      child.isFolder && options.delimiter === undefined ? mayHold(child.key) : isWanted(child.key),
    );
    const matching = children.filter(({ key }) => key.startsWith(prefix));
    for (let from = 0; from < matching.length; from += statsAtOnce) {
      options.signal?.throwIfAborted();
      const batch = matching.slice(from, from + statsAtOnce);
      const facts = await Promise.all(
        batch.map(async (child) => (child.isFolder ? null : factsOf(join(root, child.key)))),
      );
      for (const [index, child] of batch.entries()) {
        if (!child.isFolder) {
          const entry = entryOf(child.key, facts[index] ?? null);
          if (entry !== null) yield entry;
        } else if (options.delimiter === undefined) {
          yield* walk(child.key);
        } else if (await holdsFiles(root, child.key)) {
          yield { key: child.key, object: null };
        }
      }
    }
  }

  yield* walk(folder);
}

function entryOf(key: string, facts: Stats | null): ListEntry | null {
  return facts === null ? null : { key, object: objectOf(key, facts) };
}

/**
 * A file that was copied here with its old time (rsync -a, cp -p, tar) is as new as it is here: the inode's own time, which
 * nobody can set, says so.
 */
export function objectOf(key: string, { size, mtime, ctime }: Stats): StoredObject {
  return { key, sizeBytes: size, modified: mtime > ctime ? mtime : ctime };
}

/** Files and folders directly in a folder, sorted; none when it is not there (any more). */
async function childrenOf(root: string, folder: string): Promise<readonly Child[]> {
  const entries = await entriesOf(join(root, folder));
  const children: Child[] = [];
  for (const entry of entries) {
    const name = entry.name.toString('utf8');
    if (name.startsWith(temporaryPrefix) || !Buffer.from(name).equals(entry.name)) continue;
    const key = folder + name;
    const kind = entry.isSymbolicLink() ? await kindBehindLink(root, key) : kindOf(entry);
    if (kind !== null) children.push({ key: kind === 'folder' ? `${key}/` : key, isFolder: kind === 'folder' });
  }
  return children.sort((first, second) => compareKeys(first.key, second.key));
}

async function entriesOf(path: string): Promise<readonly Dirent<Buffer>[]> {
  try {
    return await readdir(path, { withFileTypes: true, encoding: 'buffer' });
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return [];
    throw cause;
  }
}

function kindOf(entry: Dirent<Buffer> | Stats): 'file' | 'folder' | null {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : null;
}

/** Null for a link that leads nowhere, or to a folder on the way to it: that way has no end. */
async function kindBehindLink(root: string, key: string): Promise<'file' | 'folder' | null> {
  try {
    const path = join(root, key);
    const kind = kindOf(await stat(path));
    if (kind !== 'folder') return kind;
    const target = await realpath(path);
    for (let above = dirname(path); above.length >= root.length; above = dirname(above)) {
      if ((await realpath(above)) === target) return null;
      if (above === root) break;
    }
    return 'folder';
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
    throw cause;
  }
}

/** Null when it went away since the folder was read, or is no regular file. */
export async function factsOf(path: string): Promise<Stats | null> {
  try {
    const facts = await stat(path);
    return facts.isFile() ? facts : null;
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return null;
    throw cause;
  }
}

async function holdsFiles(root: string, folder: string): Promise<boolean> {
  for (const child of await childrenOf(root, folder)) {
    if (!child.isFolder || (await holdsFiles(root, child.key))) return true;
  }
  return false;
}
