/** The settings of one database, from its entry in `holdfast.yaml` and from the environment. */

import type { DumpFormat, TargetSpec } from '../engine/engine.ts';
import type { CheckSettings, DatabaseSettings } from './configuration.ts';
import type { CheckEntry, DatabaseEntry } from './schema.ts';

export function settingsOf(
  name: string,
  entry: DatabaseEntry | null,
  target: TargetSpec | null,
  rivals: readonly TargetSpec[],
  expectedTables: number | null,
): DatabaseSettings {
  return {
    name,
    target,
    rivals,
    checks: checksOf(entry?.checks ?? [], expectedTables),
    fingerprint: entry?.fingerprint ?? null,
    formats: entry?.formats?.map(formatOf) ?? null,
    tables: entry?.tables ?? [],
    schemas: entry?.schemas ?? [],
    excludedTables: entry?.excludeTables ?? [],
    excludedSchemas: entry?.excludeSchemas ?? [],
    owners: entry?.owners ?? true,
    privileges: entry?.privileges ?? true,
    zstdLevel: entry?.level ?? null,
    lockTimeoutMs: entry?.lockTimeout ?? null,
  };
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
