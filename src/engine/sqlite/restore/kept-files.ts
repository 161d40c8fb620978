/** Database files that restores replaced and kept, and what dead runs left, all in the database's own folder. */

import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../../domain/clock.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import { isProcessAlive } from '../../../system/process-alive.ts';
import { findAbandonedDirectories } from '../../../system/temporary-directory.ts';
import type { Adoption, KeptDatabase } from '../../engine.ts';
import { sqliteErrors } from '../errors.ts';
import { workingPurpose } from '../image/working-folder.ts';
import { quoteShell } from '../quote.ts';
import type { DatabaseFile } from '../target/database-file.ts';
import { parseKeptName, parseRestoringName } from './file-names.ts';
import { freeKeptName } from './plan-restore.ts';
import { removeDatabase } from './restored-copy.ts';
import { swapIn } from './swap-in.ts';

/** Newest first; names are whole paths. */
export function listKept(file: DatabaseFile): readonly KeptDatabase[] {
  const present = identityOf(file.path);
  return namesIn(file.folder)
    .flatMap((name) => {
      const parsed = parseKeptName(file.path, name);
      return parsed === null ? [] : [{ ...parsed, name: join(file.folder, name) }];
    })
    .filter(({ name }) => identityOf(name) !== present)
    .sort((a, b) => b.replacedAt.getTime() - a.replacedAt.getTime() || b.number - a.number)
    .map(({ name, replacedAt }) => ({ name, replacedAt, sizeBytes: sizeOf(name) }));
}

/** Swaps the newest kept file back. */
export async function undoRestore(file: DatabaseFile, clock: Clock, work: Work): Promise<Adoption> {
  const newest = listKept(file)[0];
  if (newest === undefined) throw sqliteErrors.make('sqlite-nothing-kept', `no replaced file of ${file.path} is here`);
  const keptAs = freeKeptName(file.path, clock);
  return swapIn({ path: file.path, incoming: newest.name, keptAs, likeOld: false }, work);
}

/** `name` as `listKept` gives it, or without the folder. */
export async function dropKept(file: DatabaseFile, name: string): Promise<void> {
  const path = resolve(file.folder, name);
  if (!listKept(file).some((kept) => kept.name === path)) {
    throw sqliteErrors.make('sqlite-nothing-kept', `${name} is no replaced file of ${file.path}`);
  }
  await removeDatabase(path);
}

/** What runs that died left beside the database. */
export async function listLeftovers(file: DatabaseFile): Promise<readonly Finding[]> {
  const names = namesIn(file.folder);
  const unfinished = names.filter((name) => {
    const pid = parseRestoringName(file.path, name);
    return pid !== null && !isProcessAlive(pid);
  });
  const present = identityOf(file.path);
  const secondNames = names.filter(
    (name) =>
      parseKeptName(file.path, name) !== null && present !== null && identityOf(join(file.folder, name)) === present,
  );
  const folders = names.length === 0 ? [] : await findAbandonedDirectories(workingPurpose, file.folder);
  return [
    ...unfinished.map((name) =>
      leftover(`an interrupted restore left ${join(file.folder, name)}`, join(file.folder, name)),
    ),
    ...secondNames.map((name) =>
      leftover(`an interrupted restore left a second name of ${file.name}, ${name}`, join(file.folder, name)),
    ),
    ...folders.map((path) => leftover(`an interrupted run left the folder ${path}`, path)),
  ];
}

function leftover(message: string, path: string): Finding {
  return { severity: 'warning', code: 'sqlite-leftover', message, hint: `Remove it: rm -r -- ${quoteShell(path)}` };
}

function namesIn(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).sort() : [];
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${String(stats.dev)}:${String(stats.ino)}`;
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
