/** A backup in a few words and in a row of a table. */

import { sizesOf } from '../../answers/stored-backup.ts';
import { formatBytes } from '../../domain/amounts.ts';
import type { Backup, BackupState } from '../../domain/backup.ts';
import type { BackupHold } from '../../domain/backup-hold.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { describeScope } from '../../domain/scope.ts';
import { counted, formatAge, formatTime, printable } from './format.ts';
import type { Style } from './style.ts';
import type { Column } from './table.ts';

export const backupColumns: readonly Column[] = [
  { title: 'DATABASE' },
  { title: 'BACKUP' },
  { title: 'TAKEN' },
  { title: 'AGE' },
  { title: 'HOLDS' },
  { title: 'SIZE', align: 'right' },
  { title: 'STORED', align: 'right' },
  { title: 'STATE' },
  { title: 'LABEL' },
];

export function backupRow(backup: Backup, now: Date, timeZone: string, style: Style): readonly string[] {
  const { manifest } = backup;
  const finished = new Date(manifest.finished);
  const { plainBytes, storedBytes } = sizesOf(manifest);
  return [
    manifest.database,
    manifest.id,
    formatTime(finished, timeZone),
    formatAge(now.getTime() - finished.getTime()),
    printable(describeScope(manifest.scope)),
    formatBytes(plainBytes),
    formatBytes(storedBytes),
    `${stateText(backup.state, style)}${holdText(backup.hold, style)}`,
    printable(manifest.label ?? ''),
  ];
}

export function stateText(state: BackupState | 'unsupported', style: Style): string {
  if (state === 'proven') return style.good(state);
  if (state === 'damaged') return style.bad(state);
  return state === 'verified' ? style.name(state) : state;
}

/** What follows the state in words: `, pinned`, `, expired`, or nothing. */
export function holdText(hold: BackupHold, style: Style): string {
  if (hold.kind === 'none') return '';
  return `, ${hold.kind === 'pinned' ? style.name('pinned') : style.warn('expired')}`;
}

/** `26 tables, 1,234,567 rows, 2 large objects`. */
export function contentText(manifest: Manifest): string {
  const { mode, tables, rows, largeObjects } = manifest.fingerprint;
  if (mode === 'off') return 'without fingerprint';
  const parts = [counted(tables, 'table'), counted(rows, 'row')];
  if (largeObjects > 0) parts.push(counted(largeObjects, 'large object'));
  return parts.join(', ');
}
