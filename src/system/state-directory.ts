/**
 * Where this machine remembers what is not in any repository: locks, run journals, caches. XDG Base Directory
 * Specification 0.8, `$XDG_STATE_HOME`.
 */

import { mkdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { messageOf } from '../domain/error.ts';
import { systemErrors } from './errors.ts';

/** The folder, created (0700) if it was not there. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const path = stateDirectoryPath(env);
  try {
    makeFolders(resolve(path));
  } catch (cause) {
    throw systemErrors.make('state-directory', `cannot create ${path}: ${messageOf(cause)}`, { cause });
  }
  return path;
}

/** Node.js's own recursive mkdir goes on for ever where a file system answers ENOENT below a folder that is there (/proc). */
function makeFolders(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    // Another run made it meanwhile.
    if (!isFolder(path)) throw cause;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The same, whether it is there or not. */
export function stateDirectoryPath(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['HOLDFAST_STATE_DIR'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_STATE_HOME'];
  // The specification: a path that is not absolute is invalid and to be ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'holdfast');
  const home = env['HOME'];
  if (home !== undefined && isAbsolute(home)) return join(home, '.local', 'state', 'holdfast');
  if (process.getuid?.() === 0) return '/var/lib/holdfast';
  throw systemErrors.make('state-directory', 'no folder for Holdfast’s state: HOME is not set');
}
