import type { BackupSource } from '../domain/artifact.ts';
import type { Backup } from '../domain/backup.ts';
import type { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Comparison } from '../domain/fingerprint.ts';
import type { RestoreEstimate } from '../domain/restore-estimate.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, RestoreDestination, RestorePlan as EnginePlan, Target, TargetSpec } from '../engine/engine.ts';
import type { Parts } from './parts.ts';

export interface RestoreRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
  readonly destination: RestoreDestination;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly jobs: number | null;
}

/** Everything that is known before anything is touched. The stored bytes have been hashed and are whole. */
export interface RestorePlan {
  readonly backup: Backup;
  readonly target: Target;
  readonly repository: string;
  readonly engine: Engine;
  readonly source: BackupSource;
  readonly enginePlan: EnginePlan;
  readonly ageMs: number;
  readonly checkedBytes: number;
  /** Null when nothing was measured yet. */
  readonly estimate: RestoreEstimate | null;
  readonly findings: readonly Finding[];
}

export interface RestoreResult {
  readonly outcome: 'restored' | 'different' | 'check-failed';
  readonly backup: Backup;
  readonly target: Target;
  /** Where the data stands now; null when the copy was discarded. */
  readonly name: string | null;
  readonly keptAs: string | null;
  /** Null when the backup has no fingerprint. */
  readonly comparison: Comparison | null;
  readonly findings: readonly Finding[];
  readonly restoreMs: number;
  readonly compareMs: number;
  readonly analyzeMs: number;
  readonly swapMs: number;
  readonly durationMs: number;
}

/** Throws `partial-backup` (2), damage (15), and `blocked` (1) for blocking findings only when executing. */
export declare function planRestore(request: RestoreRequest, parts: Parts, work: Work): Promise<RestorePlan>;
export declare function executeRestore(plan: RestorePlan, parts: Parts, work: Work): Promise<RestoreResult>;
/** The error the command ends with: `not-equal` (1), `copy-unsound` (1); null when it was restored. */
export declare function restoreFailure(result: RestoreResult): HoldfastError | null;
