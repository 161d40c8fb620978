/** The names of databases, backups and files in a repository (docs/format.md, section 2). */

import { compactTime, parseCompactTime } from './clock.ts';
import { domainErrors } from './errors.ts';
import type { BackupKind } from './manifest.ts';

/** Folders of a repository that are not databases. */
const reservedNames: ReadonlySet<string> = new Set(['servers', 'audit', 'config']);
const databasePattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const filePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;
const idPattern = /^(\d{8}T\d{6}Z)-(dump|image|base)-([a-z2-7]{4})$/;

export interface BackupIdParts {
  readonly time: Date;
  readonly kind: BackupKind;
}

export function isDatabaseName(text: string): boolean {
  return databasePattern.test(text) && !reservedNames.has(text);
}

/** Throws `bad-database-name`. */
export function checkDatabaseName(text: string): string {
  if (isDatabaseName(text)) return text;
  const why = reservedNames.has(text) ? 'is reserved' : 'does not have the form of a name';
  throw domainErrors.make('bad-database-name', `"${text}" ${why}`);
}

/** From a database's own name: `My App` gives `my-app`. Names that leave nothing usable give `database`. */
export function databaseNameFrom(ownName: string): string {
  const name = ownName
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '-')
    .replace(/^[_-]+/, '')
    .slice(0, 60);
  if (name === '') return 'database';
  return isDatabaseName(name) ? name : `${name}-db`;
}

/** True for a name that is one file of one folder, whatever reads it. */
export function isFileName(text: string): boolean {
  return filePattern.test(text);
}

/** `20261121T020000Z-dump-k3f9`; `random` are four characters of `a-z2-7`. */
export function backupId(time: Date, kind: BackupKind, random: string): string {
  const id = `${compactTime(time)}-${kind}-${random}`;
  if (!idPattern.test(id)) throw new TypeError(`not the parts of a backup id: ${id}`);
  return id;
}

/** Null when it is something else. */
export function parseBackupId(text: string): BackupIdParts | null {
  const parts = idPattern.exec(text);
  const time = parseCompactTime(parts?.[1] ?? '');
  return parts === null || time === null ? null : { time, kind: parts[2] as BackupKind };
}
