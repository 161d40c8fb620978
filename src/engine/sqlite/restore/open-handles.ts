/**
 * Which other programs have a file open. Linux tells in `/proc` (proc_pid_fd(5)), elsewhere `lsof` does where it is
 * installed. Processes of other users stay unseen unless we are root: locks are the second way to notice them.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface FileUser {
  readonly pid: number;
  readonly program: string;
}

/** Users of any of the files; missing files have none. This process is not among them. */
export function findFileUsers(paths: readonly string[]): readonly FileUser[] {
  const present = paths.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  if (present.length === 0) return [];
  return process.platform === 'linux' ? usersInProc(present) : usersByLsof(present);
}

/** Seen through device and inode, since a container may know the file by another path. */
function usersInProc(paths: readonly string[]): readonly FileUser[] {
  const wanted = new Set(paths.map(identityOf));
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => hasOpen(pid, wanted)).map((pid) => ({ pid: Number(pid), program: programOf(pid) }));
}

function hasOpen(pid: string, wanted: ReadonlySet<string | null>): boolean {
  return namesIn(`/proc/${pid}/fd`).some((fd) => {
    const link = `/proc/${pid}/fd/${fd}`;
    return opensFile(link) && wanted.has(identityOf(link));
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It ended meanwhile, or is another user's.
    return [];
  }
}

function opensFile(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('/');
  } catch {
    // Closed meanwhile.
    return false;
  }
}

function identityOf(path: string): string | null {
  try {
    const stats = statSync(path, { bigint: true });
    return `${String(stats.dev)}:${String(stats.ino)}`;
  } catch {
    // Closed or removed meanwhile.
    return null;
  }
}

function programOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/** `-F pc`: lines `p<pid>` and `c<command>` (lsof(8), "Output for other programs"). Exit code 1 means nobody. */
function usersByLsof(paths: readonly string[]): readonly FileUser[] {
  let output: string;
  try {
    output = execFileSync('lsof', ['-F', 'pc', '--', ...paths], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (cause) {
    const { stdout } = cause as { readonly stdout?: unknown };
    output = typeof stdout === 'string' ? stdout : '';
  }
  const users = [...output.matchAll(/^p(\d+)\nc(.*)$/gm)].map(([, pid, program]) => ({
    pid: Number(pid),
    program: program ?? 'unknown',
  }));
  return users.filter((user) => user.pid !== process.pid);
}
