import { expect, it } from 'vitest';
import { counted, formatAge, formatTime, printable } from './format.ts';
import { makeStyle } from './style.ts';
import { renderFacts, renderTable } from './table.ts';

it('lines columns up, whatever the colours', () => {
  const style = makeStyle(true);
  const lines = renderTable(
    [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'STATE' }],
    [
      ['app', '1.2 GB', style.good('proven')],
      ['größe', '9 kB', ''],
    ],
  );
  expect(lines).toEqual(['NAME     SIZE  STATE', `app    1.2 GB  ${style.good('proven')}`, 'größe    9 kB']);
});

it('puts the values of facts in one column', () => {
  expect(
    renderFacts([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toEqual(['a     1', 'long  2']);
});

it('says ages, times and counts in words', () => {
  expect(formatAge(59_000)).toBe('just now');
  expect(formatAge(26 * 3_600_000)).toBe('26 h ago');
  expect(formatAge(72 * 3_600_000)).toBe('3 days ago');
  expect(formatTime(new Date('2026-11-21T02:00:00Z'), 'Europe/Berlin')).toBe('2026-11-21 03:00:00');
  expect(counted(1, 'table')).toBe('1 table');
  expect(counted(1_234_567, 'row')).toBe('1,234,567 rows');
});

it('lets no text from elsewhere steer the terminal', () => {
  expect(printable('a\u001B[2Jb\r\nc')).toBe('a\u{FFFD}[2Jb\u{FFFD}\nc');
});
