/**
 * A whole database, or some of its tables, as SQL text that the sqlite3 shell reads into an empty database, in a job's
 * process. The shape is that of the shell's own `.dump`; besides, values come back bit for bit, row numbers that a
 * full-text index may refer to are kept, and the settings of the file's header are set.
 */

import type { DatabaseSync } from 'node:sqlite';
import { openForReading, readValue } from '../image/open-database.ts';
import { readSchema, readSequences, type SchemaEntry } from '../fingerprint/schema.ts';
import type { JobReport, ReadRequest } from '../job/job-protocol.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import { terminated } from './sql-tokens.ts';
import { literalExpression, literalOf, type DumpedValue } from './sql-literal.ts';
import { hasOddRowNumbers, readTableShape } from './table-shape.ts';

/** Text goes out in pieces of about this many characters. */
const pieceLength = 131_072;

export function dumpDatabase(request: ReadRequest, report: JobReport): void {
  using source = openForReading(request);
  const out = startText(report);
  try {
    source.database.exec('BEGIN');
    writeDatabase(source.database, out);
    source.database.exec('COMMIT');
  } catch (cause) {
    throw asHoldfastError(cause, request.path);
  }
  out.end();
}

export interface TextWriter {
  line(text: string): void;
  end(): void;
}

export function startText(report: JobReport): TextWriter {
  let piece = '';
  const flush = (): void => {
    if (piece !== '') report.text(piece);
    piece = '';
  };
  return {
    line: (text) => {
      piece += `${text}\n`;
      if (piece.length >= pieceLength) flush();
    },
    end: flush,
  };
}

/** Opens and closes the transaction that every dump is. */
export function beginDump(out: TextWriter): void {
  out.line('PRAGMA foreign_keys=OFF;');
  out.line('BEGIN TRANSACTION;');
}

/** Rows of an ordinary table as INSERT statements; returns how many. */
export function dumpRows(database: DatabaseSync, table: string, out: TextWriter): number {
  const shape = readTableShape(database, table);
  const { rowNumber } = shape;
  const numbered = rowNumber !== null && hasOddRowNumbers(database, table, rowNumber);
  const names = [...(numbered ? [rowNumber] : []), ...shape.columns.map(quoteIdentifier)];
  const list = shape.isPlain && !numbered ? '' : `(${names.join(',')})`;
  const values = [...(numbered ? [rowNumber] : []), ...shape.columns.map(literalExpression)];
  const statement = database.prepare(`SELECT ${values.join(', ')} FROM ${quoteIdentifier(table)} NOT INDEXED`);
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const encoding = String(readValue(database, 'PRAGMA encoding'));
  const start = `INSERT INTO ${quoteIdentifier(table)}${list} VALUES(`;
  let rows = 0;
  for (const row of statement.iterate() as unknown as Iterable<readonly DumpedValue[]>) {
    out.line(`${start}${row.map((value) => literalOf(value, encoding)).join(',')});`);
    rows += 1;
  }
  return rows;
}

function writeDatabase(database: DatabaseSync, out: TextWriter): void {
  const schema = readSchema(database);
  writeLayout(database, out);
  beginDump(out);
  if (schema.some((entry) => entry.isVirtual)) out.line('PRAGMA writable_schema=ON;');
  for (const entry of schema) {
    if (entry.type === 'table') writeTable(database, entry, out);
  }
  writeSequences(database, schema, out);
  for (const type of ['index', 'view', 'trigger'] as const) {
    for (const entry of schema) {
      if (entry.type === type && entry.sql !== null) out.line(terminated(entry.sql));
    }
  }
  if (schema.some((entry) => entry.isVirtual)) out.line('PRAGMA writable_schema=OFF;');
  for (const name of ['user_version', 'application_id']) {
    out.line(`PRAGMA ${name}=${String(readValue(database, `PRAGMA ${name}`))};`);
  }
  out.line('COMMIT;');
}

/** What can only be chosen while a database is empty. */
function writeLayout(database: DatabaseSync, out: TextWriter): void {
  const encoding = String(readValue(database, 'PRAGMA encoding'));
  if (encoding !== 'UTF-8') out.line(`PRAGMA encoding=${quoteLiteral(encoding)};`);
  out.line(`PRAGMA page_size=${String(readValue(database, 'PRAGMA page_size'))};`);
  out.line(`PRAGMA auto_vacuum=${String(readValue(database, 'PRAGMA auto_vacuum'))};`);
}

function writeTable(database: DatabaseSync, entry: SchemaEntry, out: TextWriter): void {
  if (entry.isVirtual) {
    // Its shadow tables follow as ordinary ones; creating it would make them too.
    const [name, sql] = [quoteLiteral(entry.name), quoteLiteral(entry.sql ?? '')];
    out.line(`INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table',${name},${name},0,${sql});`);
    return;
  }
  if (entry.name === 'sqlite_stat1') out.line('ANALYZE sqlite_schema;');
  else if (entry.name.startsWith('sqlite_')) return;
  else out.line(terminated(entry.sql ?? ''));
  dumpRows(database, entry.name, out);
}

function writeSequences(database: DatabaseSync, schema: readonly SchemaEntry[], out: TextWriter): void {
  const sequences = readSequences(database, schema);
  const counts = schema.some((entry) => entry.type === 'table' && /\bAUTOINCREMENT\b/i.test(entry.sql ?? ''));
  if (!counts || sequences.length === 0) return;
  out.line('DELETE FROM sqlite_sequence;');
  for (const { name, lastValue } of sequences) {
    const value = /^-?\d+$/.test(lastValue) ? lastValue : quoteLiteral(lastValue);
    out.line(`INSERT INTO sqlite_sequence VALUES(${quoteLiteral(name)},${value});`);
  }
}
