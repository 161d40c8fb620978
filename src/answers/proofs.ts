/** What reading again and restoring aside showed, as plain data. */

import type { BackupState } from '../domain/backup.ts';
import type { Comparison } from '../domain/fingerprint.ts';
import type { CheckResult, DamageProblem, ProofOutcome } from '../domain/mark.ts';
import type { TableRows } from '../engine/engine.ts';
import type { DrillResult } from '../operations/drill.ts';
import type { VerifyResult } from '../operations/verify.ts';

export interface VerifyAnswer {
  readonly id: string;
  readonly database: string;
  readonly outcome: 'verified' | 'damaged';
  readonly state: BackupState;
  readonly problems: readonly DamageProblem[];
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly frames: number;
  readonly files: number;
  readonly durationMs: number;
}

export interface DrillAnswer {
  readonly id: string;
  readonly database: string;
  /** `restored`: there was nothing to compare it with. */
  readonly outcome: ProofOutcome;
  /** What the backup holds, and so what was proven: `whole`, `schema only`. */
  readonly scope: string;
  /** Where it was restored, in words. */
  readonly place: string;
  readonly comparison: Comparison | null;
  /** Every table with its rows, where there was nothing to compare with. */
  readonly tables: readonly TableRows[] | null;
  readonly checks: readonly CheckResult[];
  readonly restoreMs: number;
  readonly compareMs: number;
  readonly checksMs: number;
  readonly durationMs: number;
}

export function verifyAnswer(result: VerifyResult): VerifyAnswer {
  return {
    id: result.backup.manifest.id,
    database: result.backup.manifest.database,
    outcome: result.outcome,
    state: result.backup.state,
    problems: result.problems,
    storedBytes: result.storedBytes,
    plainBytes: result.plainBytes,
    frames: result.frames,
    files: result.files,
    durationMs: Math.round(result.durationMs),
  };
}

export function drillAnswer(result: DrillResult): DrillAnswer {
  const { proof, backup } = result;
  return {
    id: backup.manifest.id,
    database: backup.manifest.database,
    outcome: proof.outcome,
    scope: proof.scope,
    place: proof.place,
    comparison: proof.comparison,
    tables: result.tables,
    checks: proof.checks,
    restoreMs: Math.round(proof.restoreMs),
    compareMs: Math.round(proof.compareMs),
    checksMs: Math.round(proof.checksMs),
    durationMs: Math.round(result.durationMs),
  };
}
