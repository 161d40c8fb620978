/** Whom to be instead of root: PostgreSQL's server programs refuse to run as root. */

import { readFile } from 'node:fs/promises';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** Null when this process is not root, or when the machine has neither `postgres` nor `nobody`. */
export async function unprivilegedUser(): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null;
  return chooseUnprivileged(await readFile('/etc/passwd', 'utf8'));
}

/** passwd(5): `name:password:uid:gid:…`. */
export function chooseUnprivileged(passwd: string): SystemUser | null {
  const users = passwd.split('\n').flatMap((line): SystemUser[] => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
  const fit = (name: string): SystemUser | undefined => users.find((user) => user.name === name && user.uid !== 0);
  return fit('postgres') ?? fit('nobody') ?? null;
}
