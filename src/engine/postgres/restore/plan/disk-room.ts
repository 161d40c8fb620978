/**
 * Whether the copy beside fits on the server's disk. Only the disk of this machine can be looked at; whether the server
 * is on it shows in the process list: its backend must be a process here, with the number the server gives it.
 */

import { readFile, stat, statfs } from 'node:fs/promises';
import { formatBytes } from '../../../../domain/amounts.ts';
import type { Finding } from '../../../../domain/finding.ts';
import type { Session } from '../../connection/session.ts';

export interface RoomNeeded {
  /** What the new database will take. */
  readonly databaseBytes: number;
  /** The temporary file, and the folder it will be in; null when none is written. */
  readonly spool: { readonly place: string; readonly bytes: number } | null;
}

/** WAL and temporary files of index builds. */
const spareBytes = 64 * 1024 * 1024;

/** Nothing when there is room for sure. */
export async function findRoom(session: Session, needed: RoomNeeded): Promise<readonly Finding[]> {
  const directory = await localDataDirectory(session);
  if (directory === null) {
    return [
      {
        severity: 'note',
        code: 'disk-not-checked',
        message: `the disk of the server cannot be seen from here; it needs about ${formatBytes(needed.databaseBytes)} free`,
        hint: '',
      },
    ];
  }
  const facts = await statfs(directory);
  const freeBytes = facts.bavail * facts.bsize;
  const spoolBytes =
    needed.spool !== null && (await isSameDisk(needed.spool.place, directory)) ? needed.spool.bytes : 0;
  const wantedBytes = needed.databaseBytes + spoolBytes + spareBytes;
  if (freeBytes >= wantedBytes) return [];
  return [
    {
      severity: 'blocking',
      code: 'not-enough-disk',
      message: `the restore needs ${formatBytes(wantedBytes)} on the server's disk beside the present database, and ${formatBytes(freeBytes)} are free`,
      hint: `Free room where ${directory} is, or drop a database that was kept (holdfast restore --drop-replaced).`,
    },
  ];
}

/** The server's data directory if it is on this machine and may be known, else null. */
async function localDataDirectory(session: Session): Promise<string | null> {
  if (session.address.via !== undefined) return null;
  const [row] = await session.query<{ pid: number; owner: string; directory: string | null }>(
    `select pg_backend_pid() as pid,
            session_user || ' ' || current_database() as owner,
            (select setting from pg_settings where name = 'data_directory') as directory`,
  );
  if (row?.directory === null || row === undefined) return null;
  try {
    const title = await readFile(`/proc/${String(row.pid)}/cmdline`, 'utf8');
    // A backend's title: `postgres: user database host activity`, with the cluster's name before it where it has one.
    if (!title.startsWith('postgres: ') || !title.includes(`: ${row.owner} `)) return null;
    await stat(row.directory);
    return row.directory;
  } catch {
    // Another machine, another container, or a system without /proc: it cannot be seen.
    return null;
  }
}

async function isSameDisk(one: string, other: string): Promise<boolean> {
  return (await stat(one)).dev === (await stat(other)).dev;
}
