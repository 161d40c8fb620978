/** What `doctor --damage` and `backup --salvage` say to people. */

import { formatDuration } from '../../domain/amounts.ts';
import {
  describeLoss,
  readsWhole,
  type DamageReport,
  type IndexReading,
  type TableReading,
} from '../../domain/damage.ts';
import type { ComparedTable, DamageResult, GoodBackup, WayBack } from '../../operations/damage.ts';
import { counted, formatAge, formatCount, printable } from './format.ts';
import type { Style } from './style.ts';
import { renderTable, type Column } from './table.ts';

const tableColumns: readonly Column[] = [
  { title: '  TABLE' },
  { title: 'READS', align: 'right' },
  { title: 'IN THE BACKUP', align: 'right' },
  { title: 'STATE' },
];

/** Of a sound database with many tables only those that differ from the backup are listed. */
const listedTables = 40;

export function damageLines(result: DamageResult, style: Style): readonly string[] {
  const { report, tables } = result;
  const damaged = tables.filter((table) => !readsWhole(table));
  const whole = tables.filter(readsWhole);
  const listed = tables.length <= listedTables ? tables : [...damaged, ...whole.filter(differs).slice(0, listedTables)];
  const left = tables.length - listed.length;
  return [
    style.bold(verdict(report)),
    ...renderTable(
      tableColumns,
      listed.map((table) => tableRow(table, style)),
    ),
    ...(left === 0 ? [] : [style.dim(`  ${counted(left, 'other table')}: every row reads`)]),
    ...damaged.map((table) => `  ${style.bad('✗')} ${nameOf(table)}: ${printable(describeLoss(table))}`),
    ...report.failures.map(({ what, error }) => `  ${style.bad('✗')} ${printable(what)}: ${printable(error)}`),
    ...indexLines(report.indexes, style),
    ...backupLines(result, style),
    ...wayLines(result.ways, style),
  ];
}

function verdict({ tables, indexes, failures }: DamageReport): string {
  const [damagedTables, damagedIndexes] = [
    tables.filter((table) => !readsWhole(table)).length,
    indexes.filter(({ state }) => state === 'damaged').length,
  ];
  if (damagedTables + damagedIndexes + failures.length === 0) {
    return `✓ all of it reads: ${counted(tables.length, 'table')}, ${counted(indexes.length, 'index', 'indexes')}`;
  }
  const parts = [
    `${formatCount(damagedTables)} of ${counted(tables.length, 'table')}`,
    `${formatCount(damagedIndexes)} of ${counted(indexes.length, 'index', 'indexes')}`,
    ...(failures.length === 0 ? [] : [counted(failures.length, 'other thing')]),
  ];
  return `✗ damaged: ${parts.join(', ')}`;
}

function tableRow(table: ComparedTable, style: Style): readonly string[] {
  const state = readsWhole(table) ? style.good('reads') : style.bad(table.rows === 0 ? 'does not read' : 'damaged');
  return [
    `  ${nameOf(table)}`,
    formatCount(table.rows),
    table.backupRows === null ? '-' : formatCount(table.backupRows),
    state,
  ];
}

function differs({ rows, backupRows }: ComparedTable): boolean {
  return backupRows !== null && rows < backupRows;
}

function indexLines(indexes: readonly IndexReading[], style: Style): readonly string[] {
  const damaged = indexes.filter(({ state }) => state === 'damaged');
  const unchecked = indexes.filter(({ state }) => state === 'unchecked');
  const line = (mark: string, { schema, index, table, error }: IndexReading): string =>
    `  ${mark} index ${printable(`${schema}.${index}`)} of ${printable(table)}: ${printable(error ?? '')}`;
  return [
    ...damaged.map((index) => line(style.bad('✗'), index)),
    ...unchecked.map((index) => line(style.warn('?'), index)),
  ];
}

function backupLines({ newest, newestProven }: DamageResult, style: Style): readonly string[] {
  if (newest === null) return [style.bad('no good backup of it is in the repository')];
  const line = (what: string, { backup, ageMs }: GoodBackup): string => {
    const { manifest, state } = backup;
    return `${what}: ${style.name(manifest.id)}, ${state}, ${formatAge(ageMs)}, ${counted(manifest.fingerprint.rows, 'row')}`;
  };
  return [
    line('newest good backup', newest),
    ...(newestProven === null ? [] : [line('newest proven one', newestProven)]),
    ...(newest.missingNow.length === 0
      ? []
      : [style.warn(`  only the backup has: ${printable(newest.missingNow.slice(0, 20).join(', '))}`)]),
  ];
}

function wayLines(ways: readonly WayBack[], style: Style): readonly string[] {
  if (ways.length === 0) return [];
  return [
    style.bold('ways back'),
    ...ways.flatMap(({ command, what, estimateMs, basis }) => [
      `  ${printable(command)}`,
      style.dim(`    ${printable(what)}`),
      style.dim(`    time: ${estimateMs === null ? basis : `about ${formatDuration(estimateMs)}, ${basis}`}`),
    ]),
  ];
}

function nameOf({ schema, table }: TableReading): string {
  return printable(`${schema}.${table}`);
}
