/** What a restore would do and what it did, as plain data. */

import type { BackupState } from '../domain/backup.ts';
import type { Comparison } from '../domain/fingerprint.ts';
import type {
  RestoreDestination,
  RestoredTable,
  RestorePlan as EnginePlan,
  TableDestination,
} from '../engine/engine.ts';
import type { RestorePlan, RestoreResult } from '../operations/restore.ts';
import type { RestoreTablesResult, TablesPlan } from '../operations/restore-tables.ts';

export interface RestorePlanAnswer {
  readonly id: string;
  readonly database: string;
  readonly state: BackupState;
  /** Address without a password. */
  readonly target: string;
  readonly origin: string;
  /** Where the data will stand. */
  readonly finalName: string;
  /** Under which name the present database will be kept; null when none is. */
  readonly keptAs: string | null;
  readonly destination: RestoreDestination['kind'];
  readonly safetyBackup: boolean;
  /** Roles that become others: `{ "old": "new" }`. */
  readonly roles: Readonly<Record<string, string>>;
  /** The schema's version in the backup and now; null where nothing keeps one. */
  readonly migrations: EnginePlan['migrations'] | null;
  /** Sentences, in order. */
  readonly steps: readonly string[];
  readonly plainBytes: number;
  /** Stored bytes that were hashed just now, and are whole. */
  readonly checkedBytes: number;
  readonly ageMs: number;
  /** Null: nothing was measured yet. */
  readonly estimate: RestorePlan['estimate'];
}

export interface RestoreAnswer {
  readonly id: string;
  readonly database: string;
  readonly outcome: RestoreResult['outcome'];
  readonly target: string;
  /** Where the data stands now; null when the copy was discarded. */
  readonly name: string | null;
  readonly keptAs: string | null;
  /** The id of the backup of the state before; null when none was taken. */
  readonly safetyBackup: string | null;
  /** Null: the backup has no fingerprint. */
  readonly comparison: Comparison | null;
  readonly restoreMs: number;
  readonly compareMs: number;
  readonly analyzeMs: number;
  readonly swapMs: number;
  readonly durationMs: number;
}

export interface TablesPlanAnswer {
  readonly id: string;
  readonly target: string;
  readonly tables: readonly string[];
  readonly destination: TableDestination;
  readonly steps: readonly string[];
}

export interface TablesAnswer {
  readonly id: string;
  readonly database: string;
  readonly target: string;
  readonly tables: readonly RestoredTable[];
  readonly durationMs: number;
}

export function restorePlanAnswer(plan: RestorePlan): RestorePlanAnswer {
  const { backup, enginePlan, target } = plan;
  return {
    id: backup.manifest.id,
    database: backup.manifest.database,
    state: backup.state,
    target: target.label,
    origin: target.origin,
    finalName: enginePlan.finalName,
    keptAs: enginePlan.keptAs,
    destination: plan.request.destination.kind,
    safetyBackup: plan.request.safety !== undefined,
    roles: Object.fromEntries(plan.request.roles ?? []),
    migrations: enginePlan.migrations ?? null,
    steps: plan.steps,
    plainBytes: enginePlan.plainBytes,
    checkedBytes: plan.checkedBytes,
    ageMs: plan.ageMs,
    estimate: plan.estimate,
  };
}

export function restoreAnswer(result: RestoreResult): RestoreAnswer {
  return {
    id: result.backup.manifest.id,
    database: result.backup.manifest.database,
    outcome: result.outcome,
    target: result.target.label,
    name: result.name,
    keptAs: result.keptAs,
    safetyBackup: result.safetyBackup,
    comparison: result.comparison,
    restoreMs: Math.round(result.restoreMs),
    compareMs: Math.round(result.compareMs),
    analyzeMs: Math.round(result.analyzeMs),
    swapMs: Math.round(result.swapMs),
    durationMs: Math.round(result.durationMs),
  };
}

export function tablesPlanAnswer(plan: TablesPlan): TablesPlanAnswer {
  const { tables, destination } = plan.request;
  return { id: plan.backup.manifest.id, target: plan.target.label, tables, destination, steps: plan.steps };
}

export function tablesAnswer(result: RestoreTablesResult): TablesAnswer {
  return {
    id: result.backup.manifest.id,
    database: result.backup.manifest.database,
    target: result.target.label,
    tables: result.tables,
    durationMs: Math.round(result.durationMs),
  };
}
