/**
 * The bytes whose hash stands for a row. SQLite puts them together itself, one BLOB a row, because reading every value
 * into JavaScript costs several times as much and loses what JavaScript cannot hold (text that is not UTF-8, text with
 * NUL, integers beyond 2^53).
 *
 * Per column, in order: the storage class as `typeof()` says it; unless that is `real`, the number of bytes of the value's
 * text (nothing for NULL), `:`, and those bytes (an integer's in decimal; in a UTF-16 database the bytes of TEXT and BLOB in
 * upper-case hex). After the last column, for each REAL in order its eight IEEE 754 bytes, the least first. So 1, 1.0,
 * '1', x'31' and NULL are five different rows, as are 0.0 and -0.0, and no two different rows give the same bytes.
 */

import { quoteIdentifier } from '../quote.ts';

/** SQLite takes at most 1000 arguments to a function; a table may have 2000 columns. */
const argumentsPerCall = 400;
/** A query may have 2000 result columns. In a wider table REALs are part of the text, in 17 digits, which is exact too. */
export const maximumRealColumns = 1900;

/** Which of the columns hold a REAL anywhere, and how many rows there are, in one result row. */
export function surveyQuery(table: string, columns: readonly string[]): string {
  const names = columns.length > maximumRealColumns ? [] : columns.map(quoteIdentifier);
  const results = ['count(*)', ...names.map((name) => `max(typeof(${name}) = 'real')`)];
  return `SELECT ${results.join(', ')} ${fromTable(table)}`;
}

/** Result columns: the row's text, then the REALs. `table` and `columns` are names as the schema has them. */
export function rowQuery(
  table: string,
  columns: readonly string[],
  realColumns: ReadonlySet<string>,
  isUtf16: boolean,
): string {
  const inline = columns.length > maximumRealColumns;
  const parts = columns.flatMap((column) => {
    const mayBeReal = inline || realColumns.has(column);
    return columnParts(quoteIdentifier(column), { isUtf16, mayBeReal, inline });
  });
  const reals = columns
    .filter((column) => realColumns.has(column))
    .map(quoteIdentifier)
    .map((name) => `iif(typeof(${name}) = 'real', ${name}, NULL)`);
  return `SELECT ${[`CAST(${concatenate(parts)} AS BLOB)`, ...reals].join(', ')} ${fromTable(table)}`;
}

interface ColumnWay {
  readonly isUtf16: boolean;
  readonly mayBeReal: boolean;
  readonly inline: boolean;
}

function columnParts(name: string, way: ColumnWay): readonly string[] {
  const bytes = way.isUtf16 ? `iif(typeof(${name}) IN ('text', 'blob'), hex(CAST(${name} AS BLOB)), ${name})` : name;
  const parts = [`octet_length(${bytes})`, "':'", bytes];
  if (!way.mayBeReal) return [`typeof(${name})`, ...parts];
  const real = way.inline ? `printf('%!.17g', ${name})` : "''";
  return [`typeof(${name})`, `iif(typeof(${name}) = 'real', ${real}, concat(${parts.join(', ')}))`];
}

function concatenate(parts: readonly string[]): string {
  if (parts.length === 0) return "''";
  if (parts.length <= argumentsPerCall) return `concat(${parts.join(', ')})`;
  const groups: string[] = [];
  for (let at = 0; at < parts.length; at += argumentsPerCall) {
    groups.push(`concat(${parts.slice(at, at + argumentsPerCall).join(', ')})`);
  }
  return concatenate(groups);
}

/** The table itself: an index could need a collation or a function that only the application has. */
function fromTable(table: string): string {
  return `FROM ${quoteIdentifier(table)} NOT INDEXED`;
}
