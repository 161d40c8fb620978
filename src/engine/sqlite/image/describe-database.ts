/** What a database file says of itself. */

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { ReadRequest } from '../job/job-protocol.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';
import { openForReading, readValue } from './open-database.ts';

export interface Description {
  readonly sqliteVersion: string;
  /** `wal`, `delete`, … */
  readonly journalMode: string;
  readonly pageSizeBytes: number;
  readonly pages: number;
  readonly encoding: string;
  readonly tables: number;
  /** Of the file and its write-ahead log. */
  readonly sizeBytes: number;
  readonly walBytes: number;
  readonly rolledBack: boolean;
}

export function describeDatabase(request: ReadRequest): Description {
  using source = openForReading(request);
  try {
    const facts = describe(source.database);
    const walBytes = statSync(`${request.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    const sizeBytes = statSync(request.path).size + walBytes;
    return { ...facts, sizeBytes, walBytes, rolledBack: source.rolledBack };
  } catch (cause) {
    throw asHoldfastError(cause, request.path);
  }
}

function describe(database: DatabaseSync): Omit<Description, 'sizeBytes' | 'walBytes' | 'rolledBack'> {
  return {
    sqliteVersion: String(readValue(database, 'SELECT sqlite_version()')),
    journalMode: String(readValue(database, 'PRAGMA journal_mode')),
    pageSizeBytes: Number(readValue(database, 'PRAGMA page_size')),
    pages: Number(readValue(database, 'PRAGMA page_count')),
    encoding: String(readValue(database, 'PRAGMA encoding')),
    tables: Number(
      readValue(
        database,
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      ),
    ),
  };
}
