/**
 * Reads a private copy of a damaged database as far as it reads, in a job's process; with `output` everything that
 * reads goes into a new database there.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { readsWhole, type IndexReading, type ReadFailure, type TableReading } from '../../../domain/damage.ts';
import type { Finding } from '../../../domain/finding.ts';
import { readTableShape } from '../dump/table-shape.ts';
import { readSchema, type SchemaEntry } from '../fingerprint/schema.ts';
import { headerBytes, parseImageHeader } from '../image/image-header.ts';
import { readValue } from '../image/open-database.ts';
import type { JobReport } from '../job/job-protocol.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { checkFile } from './check-file.ts';
import { copyTaker, countTaker, readInOrder } from './takers.ts';
import { PageFile } from './table-leaves.ts';
import { findLostFrames } from './log-frames.ts';
import { readByPages, said } from './read-rows.ts';
import { damagedSchema, SalvageOutput } from './salvage-output.ts';

export interface DamageRequest {
  /** A private copy, which may be changed. */
  readonly path: string;
  /** A file that is not there yet; null only looks. */
  readonly output: string | null;
}

export interface DamageResult {
  readonly sqliteVersion: string;
  readonly tables: readonly TableReading[];
  readonly indexes: readonly IndexReading[];
  readonly failures: readonly ReadFailure[];
  readonly findings: readonly Finding[];
}

export function readDamaged(request: DamageRequest, report: JobReport): DamageResult {
  const lostFrames = findLostFrames(`${request.path}-wal`);
  settleLog(request.path);
  const cutOff = findCutOff(request.path);
  const database = new DatabaseSync(request.output ?? ':memory:', {
    enableDoubleQuotedStringLiterals: true,
    enableForeignKeyConstraints: false,
    // The tables that a full-text index keeps its rows in are filled as they were.
    defensive: false,
  });
  try {
    // What a crash would lose is made anew; a statement that fails must be undone, so there is a journal.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON');
    const schema = attach(database, request);
    using pages = new PageFile(request.path);
    const output = request.output === null ? null : new SalvageOutput(database, schema);
    output?.createTables();
    const tables = readTables({ database, schema, pages, isCopied: output !== null, report });
    output?.finish();
    // What does not read shows in the copying itself; looking at every index is for whoever only looks.
    const checked =
      output === null ? checkFile(database, schema, damagedSchema) : { indexes: [], failures: [], findings: [] };
    return {
      sqliteVersion: String(readValue(database, 'SELECT sqlite_version()')),
      tables,
      indexes: checked.indexes,
      failures: [
        ...(lostFrames === null ? [] : [{ what: 'the write-ahead log', error: lostFrames }]),
        ...(cutOff === null ? [] : [{ what: 'the file', error: cutOff }]),
        ...withoutKnown(checked.failures, tables),
        ...(output?.failures ?? []),
      ],
      findings: checked.findings,
    };
  } catch (cause) {
    throw asHoldfastError(cause, request.path);
  } finally {
    database.close();
  }
}

/** Of a table that lost rows it is known where; that it is damaged need not be said again. */
function withoutKnown(failures: readonly ReadFailure[], tables: readonly TableReading[]): readonly ReadFailure[] {
  const known = new Set(tables.filter((table) => !readsWhole(table)).map(({ table }) => `table ${table}`));
  return failures.filter(({ what }) => !known.has(what));
}

/** SQLite takes a file that is cut off within its first page for one that never held anything. */
function findCutOff(path: string): string | null {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(headerBytes);
    readSync(file, start, 0, headerBytes, 0);
    const header = parseImageHeader(start);
    if (header === null || !header.pagesAreKnown) return null;
    const pages = fstatSync(file).size / header.pageSizeBytes;
    if (pages >= header.pages) return null;
    return `it is cut off: it holds ${String(Math.floor(pages))} of ${String(header.pages)} pages`;
  } finally {
    closeSync(file);
  }
}

/** A journal is rolled back and a log written back, in the copy, so that the file holds every page as it counts. */
function settleLog(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    // What is damaged here is met again, and named, when it is read.
    said(cause);
  } finally {
    database.close();
  }
}

function attach(database: DatabaseSync, request: DamageRequest): readonly SchemaEntry[] {
  takeLayout(database, request.path);
  database.exec(tolerant);
  database.prepare(`ATTACH ? AS ${damagedSchema}`).run(request.path);
  return readSchema(database, damagedSchema);
}

/** Lets SQLite pass over definitions that it does not understand (https://sqlite.org/pragma.html#pragma_writable_schema). */
const tolerant = 'PRAGMA writable_schema = ON';

/** What can only be chosen while a database is empty. */
function takeLayout(database: DatabaseSync, path: string): void {
  const damaged = new DatabaseSync(path, { readOnly: true, defensive: false });
  try {
    damaged.exec(tolerant);
    for (const name of ['encoding', 'page_size', 'auto_vacuum'] as const) {
      const value = String(readValue(damaged, `PRAGMA ${name}`));
      database.exec(`PRAGMA ${name} = ${name === 'encoding' ? `'${value}'` : value}`);
    }
  } finally {
    damaged.close();
  }
}

interface Reading {
  readonly database: DatabaseSync;
  readonly schema: readonly SchemaEntry[];
  readonly pages: PageFile;
  readonly isCopied: boolean;
  readonly report: JobReport;
}

function readTables({ database, schema, pages, isCopied, report }: Reading): readonly TableReading[] {
  const roots = rootPages(database);
  const tables = schema.filter(
    ({ type, isVirtual, name }) => type === 'table' && !isVirtual && !name.startsWith('sqlite_'),
  );
  return tables.map(({ name }) => {
    report.progress({ kind: 'step', text: `reading ${name}` });
    try {
      const shape = readTableShape(database, name, damagedSchema);
      const make = isCopied ? copyTaker : countTaker;
      const root = roots.get(name);
      const numbered = rowNumberOf(database, name, shape.rowNumber);
      if (root === undefined || numbered === null) return readInOrder(database, name, shape, isCopied);
      return readByPages(name, root, pages, make(database, name, shape, numbered));
    } catch (cause) {
      return { schema: 'main', table: name, rows: 0, lost: [], moreLost: 0, error: said(cause) };
    }
  });
}

function rootPages(database: DatabaseSync): ReadonlyMap<string, number> {
  const rows = database
    .prepare(`SELECT name, rootpage FROM ${damagedSchema}.sqlite_schema WHERE type = 'table'`)
    .all() as unknown as readonly { readonly name: string; readonly rootpage: number }[];
  return new Map(rows.map(({ name, rootpage }) => [name, rootpage]));
}

/** A name that the row's number goes by; null for tables WITHOUT ROWID, and when columns have all of its names. */
function rowNumberOf(database: DatabaseSync, table: string, hidden: string | null): string | null {
  if (hidden !== null) return hidden;
  const list = database.prepare('SELECT wr FROM pragma_table_list(?) WHERE schema = ?').get(table, damagedSchema);
  if (list?.['wr'] !== 0) return null;
  const columns = database
    .prepare('SELECT lower(name) AS name FROM pragma_table_xinfo(?, ?)')
    .all(table, damagedSchema)
    .map((column) => column['name']);
  return ['rowid', '_rowid_', 'oid'].find((name) => !columns.includes(name)) ?? null;
}
