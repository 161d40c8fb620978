/** What the rules for keeping backups came to: in words, in a table, and as facts for programs. */

import { formatBytes } from '../../domain/amounts.ts';
import type { Decision, ExpiryResult } from '../../operations/expiry.ts';
import { sizesOf, stateText } from './backup-text.ts';
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
  if (result.decisions.length === 0) return [`${result.database} has no backups`];
  const rows = result.decisions.map(({ backup, fate, reasons }) => [
    backup.manifest.id,
    formatAge(now.getTime() - Date.parse(backup.manifest.started)),
    stateText(backup.state, style),
    printable(backup.manifest.label ?? ''),
    formatBytes(sizesOf(backup.manifest).storedBytes),
    fateText(fate, style),
    printable(reasons.join('; ')),
  ]);
  return renderTable(columns, rows);
}

function fateText(fate: Decision['fate'], style: Style): string {
  return fate === 'stays' ? style.good(fate) : style.warn(fate);
}

/** What went, and what remains. */
export function expirySummary(result: ExpiryResult, style: Style): readonly string[] {
  const { database, kept, expired, removed, removedBytes, swept, dryRun, stopped, decisions } = result;
  const would = dryRun ? 'would ' : '';
  const went = [
    ...(expired.length > 0 ? [`${counted(expired.length, 'backup')} ${would}expire${dryRun ? '' : 'd'}`] : []),
    ...(removed.length > 0
      ? [
          `${counted(removed.length, 'expired one')} ${would}${dryRun ? 'be deleted' : 'deleted'} (${formatBytes(removedBytes)})`,
        ]
      : []),
    ...(swept.length > 0
      ? [`${counted(swept.length, 'unfinished folder')} ${would}${dryRun ? 'be deleted' : 'deleted'}`]
      : []),
  ];
  const nothing = stopped.length > 0 ? 'nothing expired (see above)' : 'nothing expired';
  const reasons = new Map(decisions.map((one) => [one.backup.manifest.id, one.reasons.join('; ')]));
  return [
    `${printable(database)}: ${counted(kept, 'backup')} ${would}stay; ${went.length === 0 ? nothing : went.join(', ')}`,
    ...expired.map((id) => style.dim(`  expired ${id}: ${printable(reasons.get(id) ?? '')}`)),
    ...removed.map((id) => style.dim(`  deleted ${id}`)),
    ...swept.map(({ folder, reason }) => style.dim(`  deleted ${printable(folder)}: ${reason}`)),
  ];
}

/** For the result line of `--json`. */
export function expiryFacts(result: ExpiryResult): Readonly<Record<string, unknown>> {
  const { database, kept, expired, removed, removedBytes, swept, stopped } = result;
  return {
    database,
    kept,
    expired,
    removed,
    removedBytes,
    swept,
    stopped: stopped.map(({ code, message }) => ({ code, message })),
  };
}

/** One line of `--json` for each backup. */
export function decisionFacts({ backup, fate, reasons }: Decision): Readonly<Record<string, unknown>> {
  const { manifest, state } = backup;
  const { id, database, label, started } = manifest;
  return { database, id, fate, reasons, state, label, started, storedBytes: sizesOf(manifest).storedBytes };
}
