/** Files of other programs, in words and in rows. */

import { formatBytes } from '../../domain/amounts.ts';
import type { TableRows } from '../../engine/engine.ts';
import type { ChecksumOutcome } from '../../operations/foreign/checksum-beside.ts';
import type { ListedFile } from '../../operations/foreign/list-files.ts';
import type { ForeignFile } from '../../operations/foreign/open-file.ts';
import { counted, formatAge, formatCount, formatTime, printable } from './format.ts';
import type { Style } from './style.ts';
import { renderTable, type Column } from './table.ts';

const shownTables = 30;

/** What a file is and what is known of it, once all of it was read. */
export function fileLines(file: ForeignFile, timeZone: string, style: Style): readonly string[] {
  const { input, content, survey, manifest, layers } = file;
  const product = `${survey.origin.product} ${survey.origin.version}`;
  const packed = layers.length === 0 ? '' : ` in ${layers.join(', ')}`;
  const database = content.databaseName === null ? '' : `, database ${printable(content.databaseName)}`;
  return [
    `${style.name(printable(input.label))}: ${content.what} of ${printable(product)}${packed}${database}`,
    `  ${formatBytes(input.sizeBytes)}, ${formatTime(new Date(manifest.finished), timeZone)} ${timeZone}; ${survey.contents}`,
    `  ${checksumText(file.checksum, style)}; read to its end, complete`,
  ];
}

export function checksumText(outcome: ChecksumOutcome | null, style: Style): string {
  switch (outcome?.state) {
    case undefined:
      return 'checksum not compared';
    case 'none':
      return 'no checksum beside it';
    case 'holds':
      return style.good(`sha256 holds${outcome.compared === 'file' ? '' : ', of the decompressed content'}`);
    case 'differs':
      return style.bad('sha256 differs');
    case 'unreadable':
      return style.warn('checksum unreadable');
  }
}

export const listedColumns: readonly Column[] = [
  { title: 'FILE' },
  { title: 'TIME' },
  { title: 'AGE' },
  { title: 'SIZE', align: 'right' },
  { title: 'WHAT' },
  { title: 'CHECKSUM' },
];

export function listedRow(file: ListedFile, now: Date, timeZone: string, style: Style): readonly string[] {
  const packed = file.layers.length === 0 ? '' : ` in ${file.layers.join(', ')}`;
  const what = printable(file.what + packed);
  return [
    printable(file.path),
    formatTime(file.time, timeZone),
    formatAge(now.getTime() - file.time.getTime()),
    formatBytes(file.sizeBytes),
    file.state === 'readable' ? what : file.state === 'damaged' ? style.bad(what) : style.warn(what),
    checksumText(file.checksum, style),
  ];
}

/** The tables of a copy that was compared with nothing. */
export function tableLines(tables: readonly TableRows[], style: Style): readonly string[] {
  const rows = tables
    .slice(0, shownTables)
    .map(({ table, rows: count }) => [`    ${printable(table)}`, count === null ? '' : formatCount(count)]);
  const total = tables.reduce((sum, { rows: count }) => sum + (count ?? 0), 0);
  const rest = tables.length - shownTables;
  return [
    `  ${counted(tables.length, 'table')}, ${counted(total, 'row')}, compared with nothing:`,
    ...(tables.length === 0 ? [] : renderTable([{ title: '    TABLE' }, { title: 'ROWS', align: 'right' }], rows)),
    ...(rest > 0 ? [style.dim(`    and ${counted(rest, 'more table')} (all of them with --json)`)] : []),
  ];
}
