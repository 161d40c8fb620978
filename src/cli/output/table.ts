/** Columns that line up; colours do not count for their width. */

import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => widthOf(row[index] ?? ''))));
  return [titles, ...rows].map((row) =>
    columns
      .map((column, index) => pad(row[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** Label and value, the values in one column. */
export function renderFacts(facts: readonly (readonly [label: string, value: string])[]): readonly string[] {
  const width = Math.max(0, ...facts.map(([label]) => widthOf(label)));
  return facts.map(([label, value]) => `${pad(label, width, 'left')}  ${value}`.trimEnd());
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
