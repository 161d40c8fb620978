import type { Backup } from '../domain/backup.ts';
import type { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { ProofMark } from '../domain/mark.ts';
import type { Work } from '../domain/work.ts';
import type { ScratchPlace } from '../engine/engine.ts';
import type { DrillChecks } from './drill-checks.ts';
import type { Parts } from './parts.ts';

export interface DrillRequest {
  readonly database: string | null;
  readonly backup: string;
  readonly place: ScratchPlace;
  readonly checks: DrillChecks;
}

export interface DrillResult {
  readonly backup: Backup;
  /** Stored beside the manifest. */
  readonly proof: ProofMark;
  /** Those of the proof, and of the place. */
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

export declare function drill(request: DrillRequest, parts: Parts, work: Work): Promise<DrillResult>;
/** The error the command ends with: `not-proven` (1); null when it is proven, or was restored as far as it can be. */
export declare function drillFailure(result: DrillResult): HoldfastError | null;
