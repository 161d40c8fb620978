/**
 * What a team wants to see in a restored database beyond its being equal to the source: answers to their own queries, data
 * that is not stale, the number of tables. A check whose statement fails has not held; it does not stop the drill.
 */

import { formatDuration } from '../domain/amounts.ts';
import { messageOf } from '../domain/error.ts';
import { meetsExpectation, readTimestamp } from '../domain/expectation.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { CheckResult } from '../domain/mark.ts';
import type { Work } from '../domain/work.ts';
import type { RestoredCopy } from '../engine/engine.ts';

export interface DrillChecks {
  readonly queries: readonly QueryCheck[];
  readonly freshness: readonly FreshnessCheck[];
  /** The number of tables there must be, `27` or `>= 20`; null: not checked. */
  readonly tables: string | null;
}

export interface QueryCheck {
  /** One statement; the first column of its first row is what is compared. */
  readonly sql: string;
  /** A value (`42`, `done`), or a comparison: `>= 1000`, `< 5`, `!= 0`, `= x`. */
  readonly expect: string;
}

export interface FreshnessCheck {
  /** The table's exact name, with its schema where needed: `orders`, `sales.orders`, `"Odd.Name"`. */
  readonly table: string;
  /** The column's exact name. */
  readonly column: string;
  /** The newest value may be this much older than the backup. */
  readonly maxAgeMs: number;
}

export const noChecks: DrillChecks = { queries: [], freshness: [], tables: null };

export async function runChecks(
  checks: DrillChecks,
  copy: RestoredCopy,
  context: { readonly backedUpAt: Date; readonly tableCount: number },
  work: Work,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  if (checks.tables !== null) results.push(checkTables(checks.tables, context.tableCount));
  for (const check of checks.queries) {
    const actual = await firstValue(copy, check.sql, work);
    results.push({ check: check.sql, expected: check.expect, ...judge(actual, check.expect) });
  }
  for (const check of checks.freshness) results.push(await checkFreshness(check, copy, context.backedUpAt, work));
  return results;
}

type Answer = { readonly ok: true; readonly value: string | null } | { readonly ok: false; readonly problem: string };

async function firstValue(copy: RestoredCopy, sql: string, work: Work): Promise<Answer> {
  try {
    const [row] = await copy.query(sql, work);
    if (row === undefined) return { ok: false, problem: 'no row' };
    const [value] = row;
    return value === undefined ? { ok: false, problem: 'no column' } : { ok: true, value };
  } catch (thrown) {
    work.signal.throwIfAborted();
    return { ok: false, problem: `error: ${messageOf(thrown)}` };
  }
}

function judge(answer: Answer, expect: string): Pick<CheckResult, 'actual' | 'ok'> {
  if (!answer.ok) return { actual: answer.problem, ok: false };
  return { actual: answer.value ?? 'NULL', ok: meetsExpectation(answer.value, expect) };
}

function checkTables(expect: string, count: number): CheckResult {
  return { check: 'number of tables', expected: expect, ...judge({ ok: true, value: String(count) }, expect) };
}

/** As people count them: a partitioned table counts, though its rows are in its partitions, which count too. */
export function countTables(fingerprint: Fingerprint | null): number {
  const { tables, objects } = fingerprint ?? { tables: [], objects: [] };
  const held = tables.filter(({ kind }) => kind === 'table' || kind === 'virtual-table').length;
  return held + objects.filter(({ kind }) => kind === 'partitioned-table').length;
}

async function checkFreshness(
  check: FreshnessCheck,
  copy: RestoredCopy,
  backedUpAt: Date,
  work: Work,
): Promise<CheckResult> {
  const named = {
    check: `newest ${check.table}.${check.column}`,
    expected: `at most ${formatDuration(check.maxAgeMs)} before the backup`,
  };
  const sql = `SELECT max(${quoteName(check.column)}) FROM ${quoteTable(check.table)}`;
  const answer = await firstValue(copy, sql, work);
  if (!answer.ok) return { ...named, actual: answer.problem, ok: false };
  if (answer.value === null) return { ...named, actual: 'NULL: no value at all', ok: false };
  const newest = readTimestamp(answer.value);
  if (newest === null) return { ...named, actual: `${answer.value}: not a time`, ok: false };
  const ageMs = backedUpAt.getTime() - newest.getTime();
  const words = ageMs < 0 ? 'after the backup began' : `${formatDuration(ageMs)} before the backup`;
  return { ...named, actual: `${newest.toISOString()}, ${words}`, ok: ageMs <= check.maxAgeMs };
}

/** Standard SQL quotes, which every engine takes; what is quoted already stays. */
function quoteTable(table: string): string {
  return table.includes('"') ? table : table.split('.').map(quoteName).join('.');
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
