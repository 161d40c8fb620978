/** Runs one statement of a person's own on a restored copy, in a job's process. The connection may only read. */

import type { SQLOutputValue } from 'node:sqlite';
import { openForReading } from '../image/open-database.ts';
import type { QueryRequest, QueryRows } from '../job/job-protocol.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';

export function queryDatabase(request: QueryRequest): QueryRows {
  using source = openForReading(request);
  try {
    const statement = source.database.prepare(request.sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const rows = statement.all() as unknown as readonly (readonly SQLOutputValue[])[];
    return rows.map((row) => row.map(asText));
  } catch (cause) {
    throw asHoldfastError(cause);
  }
}

/** As the sqlite3 shell shows it, but NULL stays NULL; a whole REAL keeps its point, and a BLOB is hex. */
function asText(value: SQLOutputValue): string | null {
  if (value === null) return null;
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return String(value);
}
