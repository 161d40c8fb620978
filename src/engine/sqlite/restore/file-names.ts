/** Names of the files that restores make beside a database. */

import { basename, dirname, join } from 'node:path';
import { compactTime, parseCompactTime } from '../../../domain/clock.ts';

/** File systems take 255 bytes; what we add, and SQLite's own `-journal`, must fit. */
const maximumStemBytes = 190;

/** `dev.db.before_restore_20261121_020000` in the same folder; times are UTC. `number` 1 and up when that is taken. */
export function keptName(path: string, time: Date, number = 0): string {
  const suffix = number === 0 ? '' : `_${String(number + 1)}`;
  return join(dirname(path), `${stem(path)}.before_restore_${underscoredTime(time)}${suffix}`);
}

/** When and as which of the same second a file was kept; null for any other file. */
export function parseKeptName(
  path: string,
  name: string,
): { readonly replacedAt: Date; readonly number: number } | null {
  const start = `${stem(path)}.before_restore_`;
  const parts = name.startsWith(start) ? /^(\d{8})_(\d{6})(?:_(\d+))?$/.exec(name.slice(start.length)) : null;
  if (parts === null) return null;
  const replacedAt = parseCompactTime(`${parts[1] ?? ''}T${parts[2] ?? ''}Z`);
  return replacedAt === null ? null : { replacedAt, number: Number(parts[3] ?? 1) - 1 };
}

/** `.dev.db.restoring-<pid>-<random>`: the process tells a later run whether it is still being written. */
export function restoringName(path: string, pid: number, random: string): string {
  return join(dirname(path), `.${stem(path)}.restoring-${String(pid)}-${random}`);
}

/** The process that wrote it; null for any other file. Side files count too. */
export function parseRestoringName(path: string, name: string): number | null {
  const start = `.${stem(path)}.restoring-`;
  const parts = name.startsWith(start) ? /^(\d+)-[^-]+(-wal|-shm|-journal)?$/.exec(name.slice(start.length)) : null;
  return parts === null ? null : Number(parts[1]);
}

/** `20261121_020000` */
export function underscoredTime(time: Date): string {
  return compactTime(time).replace('T', '_').replace('Z', '');
}

function stem(path: string): string {
  const name = basename(path);
  if (Buffer.byteLength(name) <= maximumStemBytes) return name;
  let short = name;
  while (Buffer.byteLength(short) > maximumStemBytes) short = [...short].slice(0, -1).join('');
  return short;
}
