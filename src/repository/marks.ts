/** Marks beside a manifest (docs/format.md, section 7): written once, under a name of their own, never changed. */

import { holdOf, type BackupHold } from '../domain/backup-hold.ts';
import type { Backup } from '../domain/backup.ts';
import { newestProof, newestVerified, sortMarks, stateOf } from '../domain/backup-state.ts';
import { compactTime } from '../domain/clock.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { DamagedMark, Mark, PinMark } from '../domain/mark.ts';
import type { Store } from '../storage/store.ts';
import type { Folder } from './folders.ts';
import { beginFile, checksumsFile, fileKey, instructionsFile, manifestFile, type FolderName } from './layout.ts';
import { decodeMark } from './manifest-codec.ts';
import { sealJson } from './sealed-json.ts';
import { readSmall } from './small-object.ts';

const markPattern = /^(verified|damaged|proof|pin|unpin|expired)-(\d{8}T\d{6}Z)-[a-z2-7]{4}\.json$/;
const holdPattern = /^(pin|unpin|expired)-/;

export async function writeMark(
  store: Store,
  database: string,
  mark: Mark,
  random: string,
  signal: AbortSignal,
): Promise<void> {
  const name = `${mark.kind}-${compactTime(new Date(mark.time))}-${random}.json`;
  await store.put(fileKey({ database, id: mark.id }, name), sealJson(mark), { ifAbsent: true, signal });
}

export type FolderMarks = Pick<Backup, 'state' | 'hold' | 'marks' | 'strangers' | 'newestProof' | 'newestVerified'>;

/**
 * Everything the folder says about the backup beyond its manifest. Null when a mark is gone that was listed: marks go only
 * with their folder, which another run deletes just now.
 */
export async function readMarks(
  store: Store,
  folder: Folder,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<FolderMarks | null> {
  const known = new Set([
    beginFile,
    manifestFile,
    checksumsFile,
    instructionsFile,
    ...manifest.artifacts.map(({ name }) => name),
  ]);
  const found: Mark[] = [];
  const doubtfulPins: Mark[] = [];
  const strangers: string[] = [];
  for (const name of folder.files.keys()) {
    if (known.has(name)) continue;
    const mark = markPattern.test(name) ? await readMark(store, folder, name, signal) : null;
    if (mark === 'gone') return null;
    if (mark !== null) found.push(mark);
    else strangers.push(name);
    if (mark === null && name.startsWith('damaged-')) found.push(doubt(manifest, name));
    if (mark === null && name.startsWith('pin-')) doubtfulPins.push(doubtfulPin(folder, name));
  }
  const marks = sortMarks(found);
  return {
    state: stateOf(marks),
    hold: holdOf([...found, ...doubtfulPins]),
    marks,
    strangers,
    newestProof: newestProof(marks),
    newestVerified: newestVerified(marks),
  };
}

/** Whether the backup is pinned or on its way out, also of a folder without a manifest. */
export async function readHold(store: Store, folder: Folder, signal: AbortSignal): Promise<BackupHold> {
  const marks: Mark[] = [];
  for (const name of [...folder.files.keys()].filter((each) => holdPattern.test(each))) {
    const mark = markPattern.test(name) ? await readMark(store, folder, name, signal) : null;
    if (mark !== null && mark !== 'gone') marks.push(mark);
    else if (name.startsWith('pin-')) marks.push(doubtfulPin(folder, name));
  }
  return holdOf(marks);
}

/** Null when it cannot be read as what its name says. */
async function readMark(
  store: Store,
  folder: FolderName,
  name: string,
  signal: AbortSignal,
): Promise<Mark | 'gone' | null> {
  const bytes = await readSmall(store, fileKey(folder, name), signal);
  if (bytes === null) return 'gone';
  const decoded = decodeMark(bytes, folder);
  // What its name says it is counts as little as what it says, unless both agree.
  return decoded.ok && name.startsWith(`${decoded.value.kind}-`) ? decoded.value : null;
}

/** A mark of damage that cannot be read: nobody knows about which file, so about all, and until they are verified. */
function doubt(manifest: Manifest, name: string): DamagedMark {
  const time = markTime(name) ?? manifest.finished;
  const problem = { file: name, code: 'mark-unreadable', message: 'a mark of damage that cannot be read' };
  return {
    format: 1,
    kind: 'damaged',
    id: manifest.id,
    time,
    host: manifest.host,
    writer: manifest.writer,
    files: [beginFile, checksumsFile, instructionsFile, ...manifest.artifacts.map((artifact) => artifact.name)],
    foundBy: 'unknown',
    problems: [problem],
  };
}

/** A pin that cannot be read still holds the backup: a doubt never deletes one. */
function doubtfulPin({ id }: FolderName, name: string): PinMark {
  // Without a time in its name nobody can say that it was taken away since.
  const time = markTime(name) ?? '9999-12-31T23:59:59.999Z';
  return { format: 1, kind: 'pin', id, time, host: '', writer: '', files: [], reason: `${name} cannot be read` };
}

function markTime(name: string): string | null {
  const digits = /-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z/.exec(name);
  if (digits === null) return null;
  const [, year, month, day, hour, minute, second] = digits;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
