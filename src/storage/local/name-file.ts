/** Giving a finished file its name only if nothing has that name yet. */

import { createHash } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { storeErrors } from '../errors.ts';
import { temporaryPrefix } from '../key.ts';
import { hasErrno } from './errors-of.ts';

/** link(2) fails when the name is taken, rename(2) would replace it. */
export async function nameIfAbsent(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (cause) {
    if (hasErrno(cause, 'EEXIST')) throw exists(path);
    if (!hasErrno(cause, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw cause;
    await nameWithoutLinks(temporary, path);
    return;
  }
  await rm(temporary);
}

/** For file systems without hard links (FAT): a claim beside the name keeps out others like us. */
export async function nameWithoutLinks(temporary: string, path: string): Promise<void> {
  const claim = join(dirname(path), `${temporaryPrefix}claim-${createHash('sha256').update(path).digest('hex')}`);
  try {
    await (await open(claim, 'wx', 0o600)).close();
  } catch (cause) {
    throw hasErrno(cause, 'EEXIST') ? exists(path) : cause;
  }
  try {
    await refuseIfThere(path);
    await rename(temporary, path);
  } finally {
    await rm(claim, { force: true });
  }
}

export async function refuseIfThere(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT')) return;
    throw cause;
  }
  throw exists(path);
}

function exists(path: string): Error {
  return storeErrors.make('object-exists', `${path} is there already`);
}
