/** What still reads of a damaged database, and what was saved of it, as plain data. */

import type { BackupState } from '../domain/backup.ts';
import {
  foundDamage,
  lostSomething,
  salvageTotals,
  type DamageReport,
  type SalvageRecord,
  type SalvageTotals,
} from '../domain/damage.ts';
import type { ComparedTable, DamageResult, GoodBackup, WayBack } from '../operations/damage.ts';
import type { SalvageResult } from '../operations/salvage.ts';
import { madeAnswer, type MadeBackupAnswer } from './made-backup.ts';

export interface DamageAnswer {
  /** Address without a password. */
  readonly target: string;
  readonly database: string;
  /** True when something does not read. */
  readonly damaged: boolean;
  /** Each as it reads now, beside what the newest good backup holds of it. */
  readonly tables: readonly ComparedTable[];
  readonly indexes: DamageReport['indexes'];
  /** What is neither a table nor an index and does not read. */
  readonly failures: DamageReport['failures'];
  /** Null: there is no whole one that is not damaged. */
  readonly newestBackup: GoodBackupAnswer | null;
  /** The newest proven one, where that is another. */
  readonly newestProven: GoodBackupAnswer | null;
  /** Empty when nothing is damaged. */
  readonly ways: readonly WayBack[];
  readonly readBytes: number;
  readonly readMs: number;
  readonly durationMs: number;
}

export interface GoodBackupAnswer {
  readonly id: string;
  readonly state: BackupState;
  readonly ageMs: number;
  readonly rows: number;
  /** Tables that only the backup has. */
  readonly missingNow: readonly string[];
}

export interface SalvageAnswer extends Omit<MadeBackupAnswer, 'expiry'> {
  /** True when something did not read. */
  readonly lost: boolean;
  readonly salvage: SalvageTotals & {
    /** Where the definitions come from: `pg_dump 17.11`, `the catalogs`. */
    readonly definitions: string;
    /** Every table: the rows that were saved, the ranges that were lost. */
    readonly list: SalvageRecord['tables'];
    /** What is no table and did not read. */
    readonly notRead: SalvageRecord['failures'];
  };
}

export function damageAnswer(result: DamageResult): DamageAnswer {
  const { report, target, database } = result;
  return {
    target: target.label,
    database,
    damaged: foundDamage(report),
    tables: result.tables,
    indexes: report.indexes,
    failures: report.failures,
    newestBackup: goodBackupAnswer(result.newest),
    newestProven: goodBackupAnswer(result.newestProven),
    ways: result.ways,
    readBytes: report.readBytes,
    readMs: Math.round(report.readMs),
    durationMs: Math.round(result.durationMs),
  };
}

export function salvageAnswer(result: SalvageResult): SalvageAnswer {
  const { tables, definitions, failures } = result.salvage;
  const totals = salvageTotals(result.salvage);
  return {
    ...madeAnswer(result),
    lost: lostSomething(totals),
    salvage: { ...totals, definitions, list: tables, notRead: failures },
  };
}

function goodBackupAnswer(good: GoodBackup | null): GoodBackupAnswer | null {
  if (good === null) return null;
  const { manifest, state } = good.backup;
  return { id: manifest.id, state, ageMs: good.ageMs, rows: manifest.fingerprint.rows, missingNow: good.missingNow };
}
