/** Whether another user gets to a folder: each one on the way must let them through (path_resolution(7)). */

import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const search = { owner: 0o100, group: 0o010, others: 0o001 } as const;

/** By the folders' modes; access control lists are not looked at. */
export async function mayEnter(path: string, user: { readonly uid: number; readonly gid: number }): Promise<boolean> {
  for (let place = await realpath(path); ; place = dirname(place)) {
    const { mode, uid, gid } = await stat(place);
    const needed = uid === user.uid ? search.owner : gid === user.gid ? search.group : search.others;
    if ((mode & needed) === 0) return false;
    if (dirname(place) === place) return true;
  }
}
