/** What the rules for keeping backups came to: in words and in a table. */

import { waitingOf } from '../../answers/expiry.ts';
import { sizesOf } from '../../answers/stored-backup.ts';
import { formatBytes } from '../../domain/amounts.ts';
import type { Decision, ExpiryResult } from '../../operations/expiry.ts';
import { stateText } from './backup-text.ts';
import { counted, formatAge, printable } from './format.ts';
import type { Style } from './style.ts';
import { renderTable, type Column } from './table.ts';

const columns: readonly Column[] = [
  { title: 'BACKUP' },
  { title: 'AGE' },
  { title: 'STATE' },
  { title: 'LABEL' },
  { title: 'STORED', align: 'right' },
  { title: '' },
  { title: 'WHY' },
];

/** Every backup, and why it stays or goes. */
export function decisionTable(result: ExpiryResult, now: Date, style: Style): readonly string[] {
  const rows = result.decisions.map(({ backup, fate, reasons }) => [
    backup.manifest.id,
    formatAge(now.getTime() - Date.parse(backup.manifest.started)),
    stateText(backup.state, style),
    printable(backup.manifest.label ?? ''),
    formatBytes(sizesOf(backup.manifest).storedBytes),
    fateText(fate, style),
    printable(reasons.join('; ')),
  ]);
  const unreadable = result.unreadable.map(({ id, state }) => [
    id,
    '',
    stateText(state, style),
    '',
    '',
    fateText('stays', style),
    'its manifest cannot be read: left alone',
  ]);
  return rows.length + unreadable.length === 0 ? [] : renderTable(columns, [...rows, ...unreadable]);
}

function fateText(fate: Decision['fate'], style: Style): string {
  return fate === 'stays' ? style.good(fate) : style.warn(fate);
}

/** What went, and what remains. */
export function expirySummary(result: ExpiryResult, style: Style): readonly string[] {
  const { database, kept, expired, removed, swept, decisions } = result;
  const reasons = new Map(decisions.map((one) => [one.backup.manifest.id, one.reasons.join('; ')]));
  const staying = `${counted(kept, 'backup')} ${result.dryRun ? 'would stay' : kept === 1 ? 'stays' : 'stay'}`;
  return [
    `${printable(database)}: ${[staying, ...goingTexts(result)].join('; ')}`,
    ...expired.map((id) => style.dim(`  expired ${id}: ${printable(reasons.get(id) ?? '')}`)),
    ...removed.map((id) => style.dim(`  deleted ${id}`)),
    ...swept.map(({ folder, reason }) => style.dim(`  deleted ${printable(folder)}: ${reason}`)),
  ];
}

function goingTexts(result: ExpiryResult): readonly string[] {
  const { expired, removed, removedBytes, swept, dryRun } = result;
  const deleted = dryRun ? 'would be deleted' : 'deleted';
  const waiting = waitingOf(result).length;
  const texts = [
    expired.length === 0 ? '' : `${counted(expired.length, 'backup')} ${dryRun ? 'would expire' : 'expired'}`,
    removed.length === 0 ? '' : `${counted(removed.length, 'expired one')} ${deleted} (${formatBytes(removedBytes)})`,
    swept.length === 0 ? '' : `${counted(swept.length, 'unfinished folder')} ${deleted}`,
    waiting === 0 ? '' : `${counted(waiting, 'expired one')} not deleted yet`,
  ].filter((text) => text !== '');
  return texts.length === 0 ? ['nothing expires'] : texts;
}
