/**
 * Brings single tables back from an image, in a job's process: as SQL text, beside the living ones, or in their place. The
 * image is a private copy. On the living database everything is one transaction: all of it, or nothing.
 */

import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { beginDump, dumpRows, startText, type TextWriter } from '../dump/sql-dump.ts';
import { sqliteErrors } from '../errors.ts';
import { readSchema, type SchemaEntry } from '../fingerprint/schema.ts';
import { openForWriting, openPrivate } from '../image/open-database.ts';
import type { JobReport } from '../job/job-protocol.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { RestoredTable } from '../../engine.ts';
import { placeBeside } from './place-beside.ts';
import { placeInstead } from './place-instead.ts';
import { imageSchema } from './place-table.ts';
import { statementsOf, type TableStatements } from './rename-statements.ts';
import { terminated } from '../dump/sql-tokens.ts';
import { findName, parseTableName } from './table-name.ts';

export interface TablesRequest {
  /** A private copy. */
  readonly image: string;
  /** The living database; null for text. */
  readonly database: string | null;
  readonly tables: readonly string[];
  readonly way: 'text' | 'beside' | 'replace';
  /** Part of new names: `20261121_020000`. */
  readonly time: string;
}

/** For text `restoredAs` is left empty: only the caller knows the file. */
export type TablesResult = readonly RestoredTable[];

/** How long to wait for a program that writes. */
const writeTimeoutMs = 10_000;

export function runTableJob(request: TablesRequest, report: JobReport): TablesResult {
  try {
    if (request.way === 'text' || request.database === null) return writeTables(request, report);
    return changeDatabase(request, request.database);
  } catch (cause) {
    throw cause instanceof HoldfastError ? cause : asHoldfastError(cause, request.database ?? undefined);
  }
}

function writeTables(request: TablesRequest, report: JobReport): TablesResult {
  const image = openPrivate(request.image);
  try {
    const out = startText(report);
    const schema = readSchema(image);
    beginDump(out);
    const written = chooseTables(schema, request.tables).map((table) => writeTable(image, table, out));
    out.line('COMMIT;');
    out.end();
    return written;
  } finally {
    image.close();
  }
}

function writeTable(
  image: DatabaseSync,
  { table, indexes, triggers }: TableStatements,
  out: TextWriter,
): RestoredTable {
  out.line(terminated(table.sql));
  const rows = dumpRows(image, table.name, out);
  for (const object of [...indexes, ...triggers]) out.line(terminated(object.sql));
  return { table: table.name, restoredAs: '', keptAs: null, rows, indexes: indexes.length };
}

function changeDatabase(request: TablesRequest, path: string): TablesResult {
  const tables = readTablesOfImage(request);
  const database = openForWriting(path, writeTimeoutMs);
  try {
    // Foreign keys are looked at once, at the end; a row that broke a CHECK long ago is still that row.
    database.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON');
    const image = pathToFileURL(request.image);
    image.searchParams.set('immutable', '1');
    database.prepare(`ATTACH ? AS ${imageSchema}`).run(image.href);
    database.exec('BEGIN IMMEDIATE');
    const placed =
      request.way === 'beside'
        ? placeBeside(database, tables, request.time)
        : placeInstead(database, tables, request.time);
    database.exec('COMMIT');
    return placed;
  } finally {
    // Ends a transaction that did not come to its COMMIT.
    database.close();
  }
}

function readTablesOfImage(request: TablesRequest): readonly TableStatements[] {
  const image = openPrivate(request.image);
  try {
    return chooseTables(readSchema(image), request.tables);
  } finally {
    image.close();
  }
}

/** In the order in which they were made, each once. */
function chooseTables(schema: readonly SchemaEntry[], wanted: readonly string[]): readonly TableStatements[] {
  const tables = schema.filter((entry) => entry.type === 'table' && !entry.name.startsWith('sqlite_'));
  const chosen = new Set(wanted.map((written) => chooseTable(tables, written)));
  return tables.flatMap((entry) => {
    const statements = chosen.has(entry.name) ? statementsOf(schema, entry.name) : null;
    return statements === null ? [] : [statements];
  });
}

function chooseTable(tables: readonly SchemaEntry[], written: string): string {
  const names = tables.map((entry) => entry.name);
  const found = findName(names, parseTableName(written));
  if (found === null) {
    const hint = `The backup has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : '.'}`;
    throw sqliteErrors.make('sqlite-table-missing', `the backup has no table ${written}`, { hint });
  }
  if (tables.some((entry) => entry.name === found && entry.isVirtual)) {
    throw sqliteErrors.make('sqlite-table-unsupported', `${found} is a virtual table: its rows lie in other tables`);
  }
  return found;
}
