/** Room on a disk, as an unprivileged user has it (`f_bavail`, statvfs(3)). */

import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Bytes free where the path is or will be: of what does not exist yet, the nearest folder that does counts. */
export async function freeBytesAt(path: string): Promise<number> {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      const facts = await statfs(place);
      return facts.bavail * facts.bsize;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(place) === place) throw cause;
    }
  }
}
