/**
 * The names a restore gives to databases and tables. PostgreSQL cuts identifiers silently at 63 bytes (documentation,
 * "Identifiers and Key Words"), so they are shortened here: at a character's boundary, with six hex digits of the full
 * name's hash, so that two long names with one beginning never share what belongs to one of them.
 */

import { createHash } from 'node:crypto';

/** NAMEDATALEN - 1. A server compiled otherwise only has room to spare. */
export const maxNameBytes = 63;

const keptMark = '_before_';
const restoringMark = '_restoring_';
const timePattern = /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/;

/** `20261121_020000`, UTC: a time as names of databases and tables carry it. */
export function nameTime(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
}

/** `stem` + `suffix` in at most 63 bytes; a stem that had to be cut ends with a hash of the whole. */
export function fitName(stem: string, suffix: string): string {
  return shortenStem(stem, Buffer.byteLength(suffix)) + suffix;
}

export function restoringName(database: string, random: string): string {
  return fitName(database, `${restoringMark}${random}`);
}

export function keptName(database: string, time: Date): string {
  return fitName(database, `${keptMark}${nameTime(time)}`);
}

/** When the database `name` was replaced, or null when it was not kept for `database`. */
export function keptTime(database: string, name: string): Date | null {
  const at = name.lastIndexOf(keptMark);
  if (at < 0) return null;
  const parts = timePattern.exec(name.slice(at + keptMark.length));
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return !Number.isNaN(time.getTime()) && keptName(database, time) === name ? time : null;
}

/** True for a copy that a restore of `database` was making. */
export function isRestoringName(database: string, name: string): boolean {
  const at = name.lastIndexOf(restoringMark);
  if (at < 0) return false;
  const random = name.slice(at + restoringMark.length);
  return /^[a-z0-9]+$/.test(random) && restoringName(database, random) === name;
}

/** True for the name under which a replaced database is kept, whatever database it was. */
export function isKeptName(name: string): boolean {
  const at = name.lastIndexOf(keptMark);
  return at > 0 && keptTime(name.slice(0, at), name) !== null;
}

/** True for a copy that a restore was making, of whatever database. */
export function isCopyName(name: string): boolean {
  const at = name.lastIndexOf(restoringMark);
  return at > 0 && /^[a-z2-7]{4}$/.test(name.slice(at + restoringMark.length));
}

/** The first kept name from `time` on that `isTaken` does not know. */
export function freeKeptName(database: string, time: Date, isTaken: (name: string) => boolean): string {
  for (let seconds = 0; ; seconds += 1) {
    const name = keptName(database, new Date(time.getTime() + seconds * 1000));
    if (!isTaken(name)) return name;
  }
}

function shortenStem(stem: string, suffixBytes: number): string {
  if (Buffer.byteLength(stem) + suffixBytes <= maxNameBytes) return stem;
  const hash = createHash('sha256').update(stem).digest('hex').slice(0, 6);
  return `${cutAtCharacter(stem, maxNameBytes - suffixBytes - hash.length - 1)}_${hash}`;
}

function cutAtCharacter(text: string, bytes: number): string {
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    cut += character;
  }
  return cut;
}
