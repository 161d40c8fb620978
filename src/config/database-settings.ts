/** The settings of one database, from its entry in `holdfast.yaml` and from the environment. */

import type { DumpFormat, TargetSpec } from '../engine/engine.ts';
import type { CheckSettings, DatabaseSettings } from './configuration.ts';
import { definedOf } from './defined.ts';
import type { CheckEntry, DatabaseEntry } from './schema.ts';

type Usual = Omit<DatabaseSettings, 'name' | 'target' | 'rivals' | 'checks'>;

/** What holds where nothing is configured. */
export const usualSettings: Usual = {
  all: false,
  excludedDatabases: [],
  fingerprint: 'content',
  formats: ['custom'],
  tables: [],
  schemas: [],
  excludedTables: [],
  excludedSchemas: [],
  owners: true,
  privileges: true,
  // zstd's own default: higher levels cost much time for few per cent.
  zstdLevel: 3,
  lockTimeoutMs: 30_000,
};

export function settingsOf(
  name: string,
  entry: DatabaseEntry | null,
  target: TargetSpec | null,
  rivals: readonly TargetSpec[],
  expectedTables: number | null,
): DatabaseSettings {
  const checks = checksOf(entry?.checks ?? [], expectedTables);
  return { ...usualSettings, ...(entry === null ? {} : givenIn(entry)), name, target, rivals, checks };
}

function givenIn(entry: DatabaseEntry): Partial<Usual> {
  return definedOf({
    all: entry.all,
    excludedDatabases: entry.excludeDatabases,
    fingerprint: entry.fingerprint,
    formats: entry.formats?.map(formatOf),
    tables: entry.tables,
    schemas: entry.schemas,
    excludedTables: entry.excludeTables,
    excludedSchemas: entry.excludeSchemas,
    owners: entry.owners,
    privileges: entry.privileges,
    zstdLevel: entry.level,
    lockTimeoutMs: entry.lockTimeout,
  });
}

/** `sql` is short for `sql.zst`. */
export function formatOf(word: 'custom' | 'sql' | 'sql.zst' | 'sql.gz'): DumpFormat {
  return word === 'sql' ? 'sql.zst' : word;
}

function checksOf(entries: readonly CheckEntry[], expectedTables: number | null): CheckSettings {
  return {
    queries: entries.flatMap(({ sql, expect }) =>
      sql === undefined || expect === undefined ? [] : [{ sql, expect: expectedText(expect) }],
    ),
    freshness: entries.flatMap(({ table, column, within }) =>
      table === undefined || column === undefined || within === undefined ? [] : [{ table, column, maxAgeMs: within }],
    ),
    tables:
      entries.find(({ tables }) => tables !== undefined)?.tables ??
      (expectedTables === null ? null : `>= ${String(expectedTables)}`),
  };
}

/** PostgreSQL's text output writes booleans as `t` and `f`. */
function expectedText(expect: string | number | boolean): string {
  return typeof expect === 'boolean' ? (expect ? 't' : 'f') : String(expect);
}
