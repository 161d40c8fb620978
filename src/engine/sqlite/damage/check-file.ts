/** SQLite's own checks, with each complaint given to the index, table or file it speaks of. */

import type { DatabaseSync } from 'node:sqlite';
import type { IndexReading, ReadFailure } from '../../../domain/damage.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { SchemaEntry } from '../fingerprint/schema.ts';
import { primaryCode, resultCode } from '../job/sqlite-failure.ts';
import { said } from './read-rows.ts';

const mostComplaints = 1000;

export interface FileCheck {
  readonly indexes: readonly IndexReading[];
  readonly failures: readonly ReadFailure[];
  readonly findings: readonly Finding[];
}

export function checkFile(database: DatabaseSync, schema: readonly SchemaEntry[], name: string): FileCheck {
  const { complaints, failure } = runCheck(database, name);
  const roots = rootNames(database, name);
  const indexes = schema.filter(({ type }) => type === 'index');
  const found = new Map<string, string>();
  const others: string[] = [];
  for (const complaint of complaints) {
    const root = /^Tree (\d+) page/.exec(complaint)?.[1];
    const index = indexes.find((one) => complaint.endsWith(` index ${one.name}`)) ?? roots.get(Number(root));
    if (index === undefined) others.push(complaint);
    else if (!found.has(index.name)) found.set(index.name, complaint);
  }
  const isIndex = new Set(indexes.map((index) => index.name));
  const ofOthers = [...found].filter(([owner]) => !isIndex.has(owner));
  return {
    indexes: indexes.map((index) => {
      const error = found.get(index.name) ?? null;
      const state = error !== null ? 'damaged' : failure === null ? 'sound' : 'unchecked';
      return {
        schema: 'main',
        table: index.table,
        index: index.name,
        state,
        method: 'integrity_check',
        error: error ?? failure,
      };
    }),
    failures: [
      ...ofOthers.map(([owner, error]) => ({ what: `table ${owner}`, error: `integrity_check: ${error}` })),
      ...others.slice(0, 20).map((error) => ({ what: 'the file', error: `integrity_check: ${error}` })),
    ],
    findings: [...(failure === null ? [] : [notChecked(failure)]), ...checkForeignKeys(database, name)],
  };
}

interface Complaints {
  readonly complaints: readonly string[];
  /** Why a check did not come to its end. */
  readonly failure: string | null;
}

/**
 * The full check, and where it does not come to its end the one that does not compare indexes with tables: it stops at
 * damage that it cannot pass, and needs what only the application may have.
 */
function runCheck(database: DatabaseSync, name: string): Complaints {
  const full = collect(database, `PRAGMA ${name}.integrity_check(${String(mostComplaints)})`);
  if (full.failure === null) return full;
  const quick = collect(database, `PRAGMA ${name}.quick_check(${String(mostComplaints)})`);
  const all = [...new Set([...full.complaints, ...quick.complaints])];
  return { complaints: all.length === 0 && !full.isOurs ? [full.failure] : all, failure: full.failure };
}

/** `isOurs`: the failure says nothing of the file. */
function collect(database: DatabaseSync, sql: string): Complaints & { readonly isOurs: boolean } {
  const complaints: string[] = [];
  try {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    for (const [text] of statement.iterate() as unknown as Iterable<readonly [string]>) {
      complaints.push(...text.split('\n').filter((line) => line !== 'ok' && !line.startsWith('*** in database')));
    }
    return { complaints, failure: null, isOurs: false };
  } catch (cause) {
    return { complaints, failure: said(cause), isOurs: primaryCode(cause) === resultCode.error };
  }
}

function rootNames(database: DatabaseSync, name: string): ReadonlyMap<number, { readonly name: string }> {
  const rows = database
    .prepare(`SELECT name, rootpage FROM ${name}.sqlite_schema WHERE rootpage > 0`)
    .all() as unknown as readonly { readonly name: string; readonly rootpage: number }[];
  return new Map(rows.map((row) => [row.rootpage, { name: row.name }]));
}

function notChecked(why: string): Finding {
  return {
    severity: 'warning',
    code: 'sqlite-integrity-not-checked',
    message: `PRAGMA integrity_check could not run to its end: ${why}`,
    hint: 'Indexes were not compared with their tables.',
  };
}

/** No damage of the file: the application may have made it. */
function checkForeignKeys(database: DatabaseSync, name: string): readonly Finding[] {
  try {
    const statement = database.prepare(`PRAGMA ${name}.foreign_key_check`);
    const counts = new Map<string, number>();
    for (const row of statement.iterate()) {
      const pair = `${String(row['table'])} point at rows of ${String(row['parent'])}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    return [...counts].map(([pair, count]) => ({
      severity: 'warning',
      code: 'sqlite-foreign-key-violations',
      message: `${String(count)} rows of ${pair} that do not exist`,
      hint: 'Rows may be lost, or the application does not enforce its foreign keys.',
    }));
  } catch (cause) {
    return [
      { severity: 'note', code: 'sqlite-foreign-keys-not-checked', message: `foreign keys: ${said(cause)}`, hint: '' },
    ];
  }
}
