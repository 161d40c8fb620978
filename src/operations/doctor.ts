import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Inspection, Target, TargetSpec } from '../engine/engine.ts';
import type { Parts } from './parts.ts';

export interface DoctorRequest {
  /** Null: only the repository and this machine. */
  readonly target: TargetSpec | null;
}

export interface DoctorResult {
  readonly target: Target | null;
  /** Null without a target, and when it could not be inspected (a blocking finding says why). */
  readonly inspection: Inspection | null;
  /** Label and value, in the order to show. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly repository: string | null;
  readonly findings: readonly Finding[];
}

export declare function doctor(request: DoctorRequest, parts: Parts, work: Work): Promise<DoctorResult>;
