import { listAnswer } from '../../answers/coverage.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import { formatBytes } from '../../domain/amounts.ts';
import type { UnfinishedBackup, UnreadableBackup } from '../../domain/backup.ts';
import { listBackups } from '../../operations/list-backups.ts';
import { announce } from '../announce.ts';
import { choose } from '../../requests/choose.ts';
import { defineCommand } from '../command.ts';
import { parseCount } from '../flag-values.ts';
import { backupColumns, backupRow } from '../output/backup-text.ts';
import { listForeign, type ForeignFlags } from '../list-foreign.ts';
import { counted, printable } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { renderTable } from '../output/table.ts';

interface ListFlags extends ForeignFlags {
  readonly foreign?: boolean;
}

export const command = defineCommand<ListFlags>({
  summary: 'list the backups',
  usage: '[DATABASE]',
  details:
    'Lists the backups, newest first. A backup is stored, verified (every byte was read again), proven (it was restored\n' +
    'and compared with what the database held) or damaged. With --foreign: the files that other programs left in the same\n' +
    'folder, known by their content; they can be verified, drilled and restored with --file, and are left alone.',
  examples: [
    ['holdfast list', 'every backup in the repository'],
    ['holdfast list app --limit 5', 'the newest five of app'],
    ['holdfast list --foreign', 'the dumps that your old scripts made'],
    ['holdfast list --json | jq -r \'select(.type=="backup").id\'', 'for scripts'],
  ],
  exits: [10],
  addFlags: (command) => {
    command
      .optionsGroup('List:')
      .option('--limit <N>', 'only the newest N', parseCount)
      .option('--foreign', 'the files of other programs in the same folder')
      .option('--no-checksums', 'do not compare the checksums beside them, which reads the files');
  },
  run: async (words, flags, context) => {
    if (flags.foreign === true) return listForeign(words, flags, context);
    const { output, work } = context;
    const chosen = await choose(words, context, { all: true });
    await announce(context, chosen.configuration, chosen.settings);
    const parts = await context.parts();
    const found = await listBackups({ database: chosen.database, limit: flags.limit ?? null }, parts, work);
    const rows = found.backups.map((backup) => backupRow(backup, parts.clock.now(), parts.timeZone, output.style));
    const hidden = found.total - found.backups.length - found.unreadable.length;
    output.print([
      ...(rows.length === 0 ? ['no backups yet'] : renderTable(backupColumns, rows)),
      ...(hidden > 0 ? [output.style.dim(`and ${counted(hidden, 'older one')}`)] : []),
      ...found.unreadable.map((each) => unreadableLine(each, output.style)),
      ...found.unfinished.map((each) => unfinishedLine(each, output.style)),
    ]);
    const answer = listAnswer(found);
    for (const backup of answer.backups) output.emit({ type: 'backup', ...backup });
    for (const each of answer.unreadable) output.emit({ type: 'unreadable', ...each });
    for (const each of answer.unfinished) output.emit({ type: 'unfinished', ...each });
    const exit = exitCodeOf([]);
    output.result('list', exit, { repository: found.repository, count: found.backups.length, total: found.total });
    return exit;
  },
});

function unreadableLine({ folder, state, problem }: UnreadableBackup, style: Style): string {
  return `${style.bad(state)}  ${printable(folder)}: ${printable(problem)}`;
}

function unfinishedLine({ folder, process, files, storedBytes, hold }: UnfinishedBackup, style: Style): string {
  const words = { running: 'is being made', dead: 'was begun and never finished', unknown: 'begun, not finished' };
  const what = hold.kind === 'expired' ? 'expired and half deleted' : words[process];
  return style.warn(
    `${printable(folder)}: ${what}, ${counted(files, 'file')}, ${formatBytes(storedBytes)}; not a backup`,
  );
}
