import { formatBytes } from '../../domain/amounts.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import { hasBlocking } from '../../domain/finding.ts';
import { status, type DatabaseStatus } from '../../operations/status.ts';
import { announce } from '../announce.ts';
import { choose } from '../choose.ts';
import { defineCommand } from '../command.ts';
import { backupFacts, sizesOf, stateText } from '../output/backup-text.ts';
import { formatAge } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { renderTable, type Column } from '../output/table.ts';
import { showRecentFailures } from '../recent-failures.ts';

const columns: readonly Column[] = [
  { title: 'DATABASE' },
  { title: 'NEWEST' },
  { title: 'AGE' },
  { title: 'SIZE', align: 'right' },
  { title: 'STATE' },
  { title: 'NEWEST PROVEN' },
  { title: 'BACKUPS', align: 'right' },
  { title: 'ON DISK', align: 'right' },
];

export const command = defineCommand<object>({
  summary: 'the newest backup of each database',
  usage: '[DATABASE]',
  details: 'Shows the newest backup of each database with age, size and state, and the newest that was proven.',
  examples: [
    ['holdfast status', 'every database'],
    ['holdfast status app --json', 'for scripts'],
  ],
  exits: [10, 14],
  addFlags: () => undefined,
  run: async (words, _flags, context) => {
    const { output, work } = context;
    const chosen = await choose(words, context, { all: true });
    await announce(context, chosen.configuration, chosen.settings);
    const found = await status({ database: chosen.database }, await context.parts(), work);
    const rows = found.databases.map((each) => statusRow(each, output.style));
    output.print([
      ...(rows.length === 0 ? ['no backups yet'] : renderTable(columns, rows)),
      ...(found.freeBytes === null ? [] : [output.style.dim(`${formatBytes(found.freeBytes)} free`)]),
    ]);
    for (const each of found.databases) output.emit({ type: 'database', ...statusFacts(each) });
    await showRecentFailures(chosen.database, context);
    for (const finding of found.findings) output.finding(finding);
    const exit = hasBlocking(found.findings) ? 14 : exitCodeOf(found.findings);
    output.result('status', exit, {
      repository: found.repository,
      databases: found.databases.length,
      freeBytes: found.freeBytes,
    });
    return exit;
  },
});

function statusRow(each: DatabaseStatus, style: Style): readonly string[] {
  const { newest, newestAgeMs, newestProven, newestProvenAgeMs } = each;
  return [
    style.bold(each.database),
    newest?.manifest.id ?? style.bad('none'),
    newestAgeMs === null ? '' : formatAge(newestAgeMs),
    newest === null ? '' : formatBytes(sizesOf(newest.manifest).plainBytes),
    newest === null ? '' : stateText(newest.state, style),
    newestProven === null || newestProvenAgeMs === null ? style.warn('none') : formatAge(newestProvenAgeMs),
    String(each.backups),
    formatBytes(each.storedBytes),
  ];
}

function statusFacts(each: DatabaseStatus): Readonly<Record<string, unknown>> {
  return {
    database: each.database,
    backups: each.backups,
    storedBytes: each.storedBytes,
    newest: each.newest === null ? null : backupFacts(each.newest),
    newestAgeMs: each.newestAgeMs,
    newestProven: each.newestProven === null ? null : backupFacts(each.newestProven),
    newestProvenAgeMs: each.newestProvenAgeMs,
    unfinished: each.unfinished,
    unreadable: each.unreadable,
  };
}
