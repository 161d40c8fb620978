/** SQLite's own checks of a whole file, in a job's process (https://sqlite.org/pragma.html#pragma_integrity_check). */

import type { DatabaseSync } from 'node:sqlite';
import type { Finding } from '../../../domain/finding.ts';
import { openForReading, readValue } from '../image/open-database.ts';
import type { ReadRequest } from '../job/job-protocol.ts';
import { asHoldfastError, isDamage, primaryCode, resultCode } from '../job/sqlite-failure.ts';
import { messageOf } from '../../../domain/error.ts';

const maximumReported = 20;

export function checkDatabase(request: ReadRequest): readonly Finding[] {
  try {
    using source = openForReading(request);
    return [...checkIntegrity(source.database), ...checkForeignKeys(source.database)];
  } catch (cause) {
    if (isDamage(cause)) return [integrityFinding(messageOf(cause))];
    if (primaryCode(cause) === resultCode.error) return [notChecked(messageOf(cause))];
    throw asHoldfastError(cause, request.path);
  }
}

/**
 * What reading the rows does not show: damage in the pages of indexes. One pass over the file, without comparing
 * indexes with their tables, so that every backup can afford it. The image is kept: its rows can be read.
 */
export function checkStructure(database: DatabaseSync): readonly Finding[] {
  const wrong = firstWrongThing(database);
  if (wrong === null) return [];
  return [
    {
      severity: 'warning',
      code: 'sqlite-integrity-failed',
      message: `the database is damaged; PRAGMA quick_check: ${wrong.replaceAll(/\s*\n\s*/g, '; ')}`,
      hint: 'Every row of this backup could be read. Damaged indexes come back with REINDEX; drill an older backup too.',
    },
  ];
}

function firstWrongThing(database: DatabaseSync): string | null {
  try {
    const found = String(readValue(database, 'PRAGMA quick_check(1)'));
    return found === 'ok' ? null : found;
  } catch (cause) {
    if (isDamage(cause)) return messageOf(cause);
    // A collation or function that only the application has: nothing can be said here, and nothing is wrong.
    if (primaryCode(cause) === resultCode.error) return null;
    throw cause;
  }
}

function checkIntegrity(database: DatabaseSync): readonly Finding[] {
  const statement = database.prepare(`PRAGMA integrity_check(${String(maximumReported)})`);
  statement.setReturnArrays(true);
  const lines = (statement.all() as unknown as readonly (readonly [string])[]).map(([line]) => line);
  return lines.length === 1 && lines[0] === 'ok' ? [] : lines.map(integrityFinding);
}

function integrityFinding(text: string): Finding {
  return {
    severity: 'blocking',
    code: 'sqlite-integrity-failed',
    message: `PRAGMA integrity_check: ${text.replaceAll(/\s*\n\s*/g, '; ')}`,
    hint: 'The database was damaged when it was copied: check an older backup, and the living file.',
  };
}

/** An index or a foreign key needs a collation or function that only the application has. */
function notChecked(why: string): Finding {
  return {
    severity: 'warning',
    code: 'sqlite-integrity-not-checked',
    message: `PRAGMA integrity_check could not run to its end: ${why}`,
    hint: 'The database needs something of the application; let the application check the restored file.',
  };
}

/** One finding for each pair of tables: a violation the application made is in the backup because it was in the source. */
function checkForeignKeys(database: DatabaseSync): readonly Finding[] {
  const groups = database
    .prepare(
      'SELECT "table" AS child, parent, count(*) AS violations FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2',
    )
    .all() as unknown as readonly { readonly child: string; readonly parent: string; readonly violations: number }[];
  return groups.map(({ child, parent, violations }) => ({
    severity: 'warning',
    code: 'sqlite-foreign-key-violations',
    message: `${String(violations)} rows of ${child} point at rows of ${parent} that do not exist`,
    hint: 'SQLite enforces foreign keys only where the application asks for it: the source has these rows too.',
  }));
}
