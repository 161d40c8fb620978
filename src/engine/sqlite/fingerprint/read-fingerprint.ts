/**
 * Reads a fingerprint, in a job's process: per table the rows counted by SQL and the sum of the rows' hashes, and every
 * object of the schema. A table that this SQLite cannot read (its module, collation or function belongs to the
 * application) is left out and named in a finding: never silently.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Finding } from '../../../domain/finding.ts';
import type { Fingerprint, TableFingerprint } from '../../../domain/fingerprint.ts';
import { messageOf } from '../../../domain/error.ts';
import { openForReading, readValue } from '../image/open-database.ts';
import type { FingerprintRequest, FingerprintResult, JobReport } from '../job/job-protocol.ts';
import { asHoldfastError, primaryCode, resultCode } from '../job/sqlite-failure.ts';
import { quoteIdentifier } from '../quote.ts';
import { checkStructure } from '../restore/check-database.ts';
import { hashRows } from './hash-rows.ts';
import { order, readObjects, readSchema, readSequences, storedColumns, type SchemaEntry } from './schema.ts';

const reportEveryBytes = 16_777_216;

export interface TableReading {
  readonly tables: readonly TableFingerprint[];
  readonly findings: readonly Finding[];
}

export function fingerprintFile(request: FingerprintRequest, report: JobReport): FingerprintResult {
  using source = openForReading(request);
  const { database } = source;
  try {
    // One transaction: a living database must not change between the tables.
    database.exec('BEGIN');
    const schema = readSchema(database);
    const { tables, findings } = readTables(
      database,
      request.mode === 'counts' ? 'counts' : 'content',
      request.expected,
      report,
    );
    const fingerprint: Fingerprint = {
      version: 1,
      engine: 'sqlite',
      mode: request.mode,
      tables,
      largeObjects: null,
      sequences: readSequences(database, schema),
      objects: readObjects(database, schema),
    };
    database.exec('COMMIT');
    const isFirstReading = request.expected === null && request.mode !== 'counts';
    return { fingerprint, findings: isFirstReading ? [...findings, ...checkStructure(database)] : findings };
  } catch (cause) {
    throw asHoldfastError(cause, request.path);
  }
}

/** Reads every table in the transaction that is open. */
export function readTables(
  database: DatabaseSync,
  depth: 'counts' | 'content',
  expected: readonly TableFingerprint[] | null,
  report: JobReport | null = null,
): TableReading {
  const entries = readSchema(database).filter((entry) => entry.type === 'table' && entry.name !== 'sqlite_sequence');
  const isUtf16 = String(readValue(database, 'PRAGMA encoding')).startsWith('UTF-16');
  const tables: TableFingerprint[] = [];
  const findings: Finding[] = [];
  const read = startByteProgress(report);
  for (const entry of [...entries].sort((a, b) => order(a.name, b.name))) {
    const wanted = expected?.find((table) => table.table === entry.name)?.columns;
    const reading = readTable(database, entry, { depth, wanted, isUtf16, read });
    if (reading.table !== null) tables.push(reading.table);
    if (reading.finding !== null) findings.push(reading.finding);
  }
  return { tables, findings };
}

/** Reports now and then, over all tables; how many bytes there will be nobody knows. */
function startByteProgress(report: JobReport | null): (bytes: number) => void {
  let doneBytes = 0;
  let reportedBytes = 0;
  return (bytes) => {
    doneBytes += bytes;
    if (doneBytes - reportedBytes < reportEveryBytes) return;
    reportedBytes = doneBytes;
    report?.progress({ kind: 'bytes', doneBytes, totalBytes: null });
  };
}

interface Reading {
  readonly table: TableFingerprint | null;
  readonly finding: Finding | null;
}

interface Way {
  readonly depth: 'counts' | 'content';
  readonly wanted: readonly string[] | undefined;
  readonly isUtf16: boolean;
  /** Told of the bytes that were hashed. */
  readonly read: (bytes: number) => void;
}

function readTable(database: DatabaseSync, entry: SchemaEntry, way: Way): Reading {
  const base = { schema: 'main', table: entry.name, kind: entry.isVirtual ? 'virtual-table' : 'table' } as const;
  try {
    if (entry.isVirtual) {
      return { table: { ...base, columns: [], rows: countRows(database, entry), sum: null }, finding: null };
    }
    const columns = chooseColumns(storedColumns(database, entry.name), way.wanted);
    const read =
      way.depth === 'content'
        ? hashRows(database, entry.name, columns, way)
        : { rows: countRows(database, entry), sum: null };
    return { table: { ...base, columns, ...read }, finding: null };
  } catch (cause) {
    if (!belongsToApplication(cause)) throw cause;
    return { table: null, finding: notRead(entry, cause) };
  }
}

/** The columns the other side was read with, if they are all here. */
function chooseColumns(own: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  return wanted?.every((name) => own.includes(name)) === true && wanted.length === own.length ? wanted : own;
}

function countRows(database: DatabaseSync, entry: SchemaEntry): number {
  const whole = entry.isVirtual ? '' : ' NOT INDEXED';
  return Number(readValue(database, `SELECT count(*) FROM ${quoteIdentifier(entry.name)}${whole}`));
}

/** Missing module, collation or function, or a row larger than SQLite's limit for one value. */
function belongsToApplication(cause: unknown): boolean {
  const code = primaryCode(cause);
  return code === resultCode.error || code === resultCode.tooBig;
}

function notRead(entry: SchemaEntry, cause: unknown): Finding {
  const what = entry.isVirtual ? 'virtual table' : 'table';
  return {
    severity: entry.isVirtual ? 'note' : 'warning',
    code: 'sqlite-table-not-compared',
    message: `the rows of ${what} ${entry.name} are in the image but are not compared: ${messageOf(cause)}`,
    hint: entry.isVirtual ? '' : 'The table needs an extension of the application; compare it there.',
  };
}
