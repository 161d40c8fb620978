/** SQLite's own checks of a whole file, in a job's process (https://sqlite.org/pragma.html#pragma_integrity_check). */

import type { DatabaseSync } from 'node:sqlite';
import type { Finding } from '../../../domain/finding.ts';
import { openForReading } from '../image/open-database.ts';
import type { ReadRequest } from '../job/job-protocol.ts';
import { asHoldfastError, isDamage } from '../job/sqlite-failure.ts';
import { messageOf } from '../../../domain/error.ts';

const maximumReported = 20;

export function checkDatabase(request: ReadRequest): readonly Finding[] {
  try {
    using source = openForReading(request);
    return [...checkIntegrity(source.database), ...checkForeignKeys(source.database)];
  } catch (cause) {
    if (isDamage(cause)) return [integrityFinding(messageOf(cause))];
    throw asHoldfastError(cause, request.path);
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
