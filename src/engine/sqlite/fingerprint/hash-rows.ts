/** Counts and hashes every row of a table; see `row-text.ts` for what is hashed. */

import type { DatabaseSync } from 'node:sqlite';
import { sqliteErrors } from '../errors.ts';
import { rowQuery, surveyQuery } from './row-text.ts';
import { startHashSum } from './xxh64.ts';

export interface HashedRows {
  /** Counted by SQL. */
  readonly rows: number;
  /** 16 hex digits. */
  readonly sum: string;
}

type Row = readonly [Uint8Array, ...(number | null)[]];

const firstBufferBytes = 65_536;

export interface HashWay {
  readonly isUtf16: boolean;
  /** Told of every row's bytes. */
  readonly read: (bytes: number) => void;
}

export function hashRows(database: DatabaseSync, table: string, columns: readonly string[], way: HashWay): HashedRows {
  const survey = surveyTable(database, table, columns);
  const statement = database.prepare(rowQuery(table, columns, survey.realColumns, way.isUtf16));
  statement.setReturnArrays(true);
  const sum = startHashSum();
  let buffer = startBuffer(firstBufferBytes);
  let rows = 0;
  for (const row of statement.iterate() as unknown as Iterable<Row>) {
    const needed = row[0].length + survey.realColumns.size * 8;
    if (needed > buffer.bytes.length) buffer = startBuffer(needed * 2);
    const length = fill(buffer, row);
    sum.add(buffer.words, length);
    way.read(length);
    rows += 1;
  }
  if (rows !== survey.rows) {
    const message = `table ${table}: SQLite counts ${String(survey.rows)} rows and returns ${String(rows)}`;
    throw sqliteErrors.make('sqlite-malformed', message);
  }
  return { rows, sum: sum.digest() };
}

function surveyTable(database: DatabaseSync, table: string, columns: readonly string[]) {
  const statement = database.prepare(surveyQuery(table, columns));
  statement.setReturnArrays(true);
  const [rows, ...hasReals] = statement.get() as unknown as readonly (number | null)[];
  return { rows: rows ?? 0, realColumns: new Set(columns.filter((_, at) => hasReals[at] === 1)) };
}

interface RowBuffer {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
}

function startBuffer(sizeBytes: number): RowBuffer {
  const memory = new ArrayBuffer(Math.ceil(sizeBytes / 8) * 8);
  return { bytes: new Uint8Array(memory), words: new Int32Array(memory), view: new DataView(memory) };
}

/** Lays the row's text and its REALs into the buffer; returns how many bytes that is. */
function fill(buffer: RowBuffer, row: Row): number {
  buffer.bytes.set(row[0]);
  let length = row[0].length;
  for (let column = 1; column < row.length; column += 1) {
    const real = row[column];
    if (typeof real !== 'number') continue;
    buffer.view.setFloat64(length, real, true);
    length += 8;
  }
  return length;
}
