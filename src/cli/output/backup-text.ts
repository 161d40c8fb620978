/** A backup in a few words, in a row of a table, and as facts for programs. */

import { formatBytes } from '../../domain/amounts.ts';
import type { Backup, BackupState } from '../../domain/backup.ts';
import { deletableFrom, type BackupHold } from '../../domain/backup-hold.ts';
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

/** For `--json`; null when it is neither pinned nor on its way out. */
export function holdFacts(hold: BackupHold): Readonly<Record<string, unknown>> | null {
  if (hold.kind === 'none') return null;
  const { kind, since, reason } = hold;
  return { kind, since, reason, deletableFrom: deletableFrom(hold)?.toISOString() ?? null };
}

/** Content and everything else of the folder that is an artifact. */
export function sizesOf(manifest: Manifest): { readonly plainBytes: number; readonly storedBytes: number } {
  const content = manifest.artifacts.filter(({ role }) => role !== 'fingerprint');
  return {
    plainBytes: content.reduce((sum, artifact) => sum + artifact.plainBytes, 0),
    storedBytes: content.reduce((sum, artifact) => sum + artifact.storedBytes, 0),
  };
}

/** `26 tables, 1,234,567 rows, 2 large objects`. */
export function contentText(manifest: Manifest): string {
  const { mode, tables, rows, largeObjects } = manifest.fingerprint;
  if (mode === 'off') return 'without fingerprint';
  const parts = [counted(tables, 'table'), counted(rows, 'row')];
  if (largeObjects > 0) parts.push(counted(largeObjects, 'large object'));
  return parts.join(', ');
}

/** The facts of a backup in `--json`. */
export function backupFacts(backup: Backup): Readonly<Record<string, unknown>> {
  const { manifest } = backup;
  return {
    id: manifest.id,
    database: manifest.database,
    engine: manifest.engine,
    kind: manifest.kind,
    scope: manifest.scope,
    label: manifest.label,
    state: backup.state,
    hold: holdFacts(backup.hold),
    started: manifest.started,
    finished: manifest.finished,
    durationMs: manifest.durationMs,
    ...sizesOf(manifest),
    fingerprint: manifest.fingerprint,
    folder: backup.folder,
    verified: backup.newestVerified?.time ?? null,
    proof: backup.newestProof === null ? null : { time: backup.newestProof.time, outcome: backup.newestProof.outcome },
    strangers: backup.strangers,
  };
}
