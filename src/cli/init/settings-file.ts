/** Where `holdfast init` writes, never over anything. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../domain/error.ts';
import { cliErrors } from '../errors.ts';

export const settingsFile = 'holdfast.yaml';

/** Throws `settings-exist`. */
export function freeSettingsPath(cwd: string, named: string | undefined): string {
  const candidates = named === undefined ? [settingsFile, 'holdfast.yml'] : [named];
  const existing = candidates.map((name) => resolve(cwd, name)).find((path) => existsSync(path));
  if (existing !== undefined) throw exists(existing);
  return resolve(cwd, candidates[0] ?? settingsFile);
}

export async function writeSettings(path: string, text: string): Promise<void> {
  try {
    // Only if absent: somebody may have written one since the look.
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw exists(path);
    throw cliErrors.make('settings-unwritten', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

function exists(path: string): Error {
  return cliErrors.make('settings-exist', `${path} is there already`);
}
