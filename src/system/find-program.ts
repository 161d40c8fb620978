/** Looks for a program as execvp(3) does, so that a missing one is known before anything is started. */

import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

/** What execvp(3) takes when PATH is not set (confstr(3), `_CS_PATH`, and where people install). */
const usualPath = '/usr/local/bin:/usr/bin:/bin';

/** The file to run, absolute; null when there is none, or this user may not run it. */
export function findProgram(command: string, searchPath = usualPath, cwd = process.cwd()): string | null {
  if (command.includes('/')) {
    const path = resolve(cwd, command);
    return isProgram(path) ? path : null;
  }
  for (const folder of searchPath.split(':')) {
    const path = join(isAbsolute(folder) ? folder : resolve(cwd, folder), command);
    if (command !== '' && isProgram(path)) return path;
  }
  return null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not for us: the search goes on, as execvp's does.
    return false;
  }
}
