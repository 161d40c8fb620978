/** When a restore was asked for and no backup named: the newest ten, and the question which one. */

import { backupAnswer } from '../answers/stored-backup.ts';
import { listBackups } from '../operations/list-backups.ts';
import type { Chosen } from '../requests/choose.ts';
import type { Context } from './command.ts';
import { cliErrors } from './errors.ts';
import { backupColumns, backupRow } from './output/backup-text.ts';
import { formatAge } from './output/format.ts';
import { renderTable } from './output/table.ts';

const shown = 10;

/** Throws `backup-not-named` without a terminal. */
export async function pickBackup(chosen: Chosen, context: Context): Promise<string> {
  const { output, prompt, work } = context;
  const parts = await context.parts();
  const found = await listBackups({ database: chosen.database, limit: shown }, parts, work);
  const now = parts.clock.now();
  if (prompt.isPossible && found.backups.length > 0) {
    const choices = found.backups.map(({ manifest, state }) => ({
      value: manifest.id,
      label: `${manifest.id}  ${formatAge(now.getTime() - Date.parse(manifest.finished))}, ${state}`,
    }));
    return prompt.choose('Which backup?', choices);
  }
  const rows = found.backups.map((backup) => backupRow(backup, now, parts.timeZone, output.style));
  output.print(rows.length === 0 ? ['no backups yet'] : renderTable(backupColumns, rows));
  for (const backup of found.backups) output.emit({ type: 'backup', ...backupAnswer(backup) });
  throw cliErrors.make('backup-not-named', 'no backup was named', {
    hint: 'Name one of those above, or latest: holdfast restore latest.',
  });
}
