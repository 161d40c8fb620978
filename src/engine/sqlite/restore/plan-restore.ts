/** What a restore would do, and what stands in its way, before anything is touched. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatBytes } from '../../../domain/amounts.ts';
import type { BackupSource } from '../../../domain/artifact.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { Finding } from '../../../domain/finding.ts';
import { freeBytesAt } from '../../../system/free-space.ts';
import type { RestorePlan, RestoreRequest } from '../../engine.ts';
import { imageArtifact } from '../image/image-file.ts';
import { bytesNeeded } from '../image/working-folder.ts';
import type { DatabaseFile } from '../target/database-file.ts';
import { resolveInto } from '../target/database-file.ts';
import { keptName } from './file-names.ts';
import { findFileUsers } from './open-handles.ts';
import { filesOf } from '../image/require-file.ts';

export async function planRestore(
  file: DatabaseFile,
  request: RestoreRequest,
  source: BackupSource,
  clock: Clock,
): Promise<RestorePlan> {
  const artifact = imageArtifact(source);
  const into = request.destination.kind === 'into';
  const finalName = request.destination.kind === 'into' ? resolveInto(file, request.destination.name) : file.path;
  const keptAs = !into && existsSync(finalName) ? freeKeptName(finalName, clock) : null;
  const findings = [
    ...(request.destination.kind === 'in-place' ? [notInPlace] : []),
    ...(into ? [] : file.findings),
    ...checkFolder(dirname(finalName)),
    ...(into ? checkFree(finalName) : checkReplaceable(finalName)),
    ...(await checkRoom(dirname(finalName), artifact.plainBytes)),
  ];
  return {
    request,
    finalName,
    keptAs,
    steps: steps(finalName, keptAs, artifact.plainBytes),
    findings,
    plainBytes: artifact.plainBytes,
  };
}

/** A name that nothing has yet, for the file that will be replaced. */
export function freeKeptName(path: string, clock: Clock): string {
  const time = clock.now();
  for (let number = 0; ; number += 1) {
    const name = keptName(path, time, number);
    if (!filesOf(name).some((file) => existsSync(file))) return name;
  }
}

function steps(finalName: string, keptAs: string | null, plainBytes: number): readonly string[] {
  const write = `write the image (${formatBytes(plainBytes)}) beside, as a hidden file in ${dirname(finalName)}, and check it`;
  if (keptAs === null) return [write, `give it the name ${finalName}`];
  return [
    write,
    `make sure that no program has ${finalName} open, and write its log back`,
    `keep the present file as ${keptAs}`,
    `put the restored file in its place, with the owner and mode of the present one`,
  ];
}

function checkFolder(folder: string): readonly Finding[] {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) {
    return [blocking('sqlite-folder-missing', `there is no folder ${folder}`, 'Create it, or choose another place.')];
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return [];
  } catch {
    const hint = 'Run as the user that owns the database.';
    return [blocking('sqlite-folder-read-only', `${folder} may not be written to by this user`, hint)];
  }
}

function checkFree(path: string): readonly Finding[] {
  const present = filesOf(path).find((file) => existsSync(file));
  if (present === undefined) return [];
  return [blocking('sqlite-target-exists', `there is a file ${present} already`, 'Choose a name that is free.')];
}

function checkReplaceable(path: string): readonly Finding[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return checkFree(path);
  if (!stats.isFile()) return [blocking('sqlite-target-exists', `${path} is not a file`, 'Choose another place.')];
  const users = findFileUsers(filesOf(path)).map((user) =>
    blocking(
      'database-in-use',
      `${path} is open in ${user.program} (process ${String(user.pid)})`,
      'Stop that program first: it would go on writing into the replaced file.',
    ),
  );
  if (stats.nlink === 1) return users;
  const links: Finding = {
    severity: 'warning',
    code: 'sqlite-hard-links',
    message: `${path} has ${String(stats.nlink)} names (hard links); only this one will lead to the restored file`,
    hint: 'Make the other names anew after the restore.',
  };
  return [...users, links];
}

async function checkRoom(folder: string, plainBytes: number): Promise<readonly Finding[]> {
  const free = await freeBytesAt(folder);
  const needed = bytesNeeded(plainBytes);
  if (free >= needed) return [];
  const message = `the restored file needs ${formatBytes(needed)} in ${folder}, and ${formatBytes(free)} are free`;
  return [blocking('not-enough-disk', message, 'Free some space there, or restore to another place.')];
}

const notInPlace = blocking(
  'in-place-not-needed',
  'a SQLite file is never filled in its place: the restored file is put where it was, and it is kept',
  'Leave --in-place out.',
);

function blocking(code: string, message: string, hint: string): Finding {
  return { severity: 'blocking', code, message, hint };
}
