/**
 * Puts a file in a database's place and keeps the one that was there, in a job's process. SQLite knows a database by its
 * name: a program that has the old file open would go on writing into it, and a write-ahead log or journal left under the
 * name would be replayed into the new one (https://sqlite.org/howtocorrupt.html, 1.2 to 1.4 and 2.4). So: nobody else has
 * it open, the old log is written back and gone, and the old file is locked exclusively, before two names change. The name
 * never misses a file: a second name for the old one first, then one rename over it.
 */

import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Finding } from '../../../domain/finding.ts';
import { sqliteErrors } from '../errors.ts';
import { filesOf, sideFileEndings } from '../image/require-file.ts';
import { lockOutOthers, restoreWalMode, settleSideFiles } from './lock-old-file.ts';
import { findFileUsers, type FileUser } from './open-handles.ts';

export interface SwapRequest {
  /** The database's place. */
  readonly path: string;
  /** The file to put there: in the same folder, whole and durable. */
  readonly incoming: string;
  /** The old file's new name, which must be free; null when there must be no old file. */
  readonly keptAs: string | null;
  /** Give the incoming file the old one's owner and mode. */
  readonly likeOld: boolean;
}

export interface SwapResult {
  /** The old file's name now; null when there was none. */
  readonly kept: string | null;
  readonly findings: readonly Finding[];
}

export function swapFiles(request: SwapRequest): SwapResult {
  if (!existsSync(request.path)) return { kept: null, findings: putInFreePlace(request) };
  if (request.keptAs === null) throw exists(request.path);
  if (existsSync(request.keptAs)) throw exists(request.keptAs);
  return { kept: request.keptAs, findings: replace(request, request.keptAs) };
}

function inUse(path: string, users: readonly FileUser[]): Error {
  const names = users.map((user) => `${user.program} (process ${String(user.pid)})`).join(', ');
  return sqliteErrors.make('database-in-use', `${path} is open in ${names}`);
}

function replace(request: SwapRequest, keptAs: string): readonly Finding[] {
  const { path, incoming } = request;
  const users = findFileUsers(filesOf(path));
  if (users.length > 0) throw inUse(path, users);
  settleSideFiles(incoming);
  const old = lockOutOthers(path);
  let swapped = false;
  try {
    if (request.likeOld) takeOwnerAndMode(incoming, path);
    moveSideFiles(path, keptAs, sideFilesOf(path));
    exchange(path, incoming, keptAs);
    swapped = true;
  } finally {
    old.release();
    if (old.wasWal) restoreWalMode(swapped ? keptAs : path);
  }
  moveSideFiles(incoming, path, sideFilesOf(incoming));
  fsyncFolder(path);
  return [...old.findings, ...lateUsers(keptAs)];
}

function putInFreePlace({ path, incoming }: SwapRequest): readonly Finding[] {
  const stale = filesOf(path).find((file) => existsSync(file));
  if (stale !== undefined) throw exists(stale);
  linkOrRename(incoming, path);
  if (existsSync(incoming)) unlinkSync(incoming);
  fsyncFolder(path);
  return [];
}

/** Only a database too damaged to be opened still has some here: they go with it. Never over those of another. */
function moveSideFiles(from: string, to: string, endings: readonly string[]): void {
  for (const ending of endings) {
    if (existsSync(to + ending)) throw exists(to + ending);
    renameSync(from + ending, to + ending);
  }
}

function sideFilesOf(path: string): readonly string[] {
  return sideFileEndings.filter((ending) => existsSync(path + ending));
}

function exchange(path: string, incoming: string, keptAs: string): void {
  linkOrRename(path, keptAs);
  try {
    renameSync(incoming, path);
  } catch (cause) {
    // Back to one name for the old file.
    if (existsSync(path)) unlinkSync(keptAs);
    else renameSync(keptAs, path);
    throw cause;
  }
}

/** A second name where the file system has hard links; else (FAT, some network mounts) the name itself moves. */
function linkOrRename(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (code === 'EEXIST' || existsSync(to)) throw exists(to);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw cause;
    renameSync(from, to);
  }
}

function takeOwnerAndMode(incoming: string, path: string): void {
  const old = statSync(path);
  const own = lstatSync(incoming);
  if (own.uid !== old.uid || own.gid !== old.gid) chownSync(incoming, old.uid, old.gid);
  chmodSync(incoming, old.mode & 0o7777);
}

/** Somebody who opened the old file in the moment between the look and the lock. */
function lateUsers(keptAs: string): readonly Finding[] {
  return findFileUsers(filesOf(keptAs)).map((user) => ({
    severity: 'warning',
    code: 'sqlite-old-file-open',
    message: `${user.program} (process ${String(user.pid)}) has the replaced file open, now ${keptAs}`,
    hint: 'Restart that program: what it writes goes into the replaced file.',
  }));
}

function exists(path: string): Error {
  return sqliteErrors.make('sqlite-target-exists', `there is a file ${path} already`);
}

function fsyncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EBADF'].includes(code)) throw cause;
  } finally {
    closeSync(folder);
  }
}
