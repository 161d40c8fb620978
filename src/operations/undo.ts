import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Adoption, KeptDatabase, Target, TargetSpec } from '../engine/engine.ts';
import type { Parts } from './parts.ts';

export interface KeptResult {
  readonly target: Target;
  /** Newest first. */
  readonly kept: readonly KeptDatabase[];
}

export interface UndoResult extends Adoption {
  readonly target: Target;
  readonly durationMs: number;
}

export interface DropReplacedResult {
  readonly target: Target;
  readonly dropped: readonly KeptDatabase[];
  readonly findings: readonly Finding[];
}

/** What earlier restores kept: for the plan that is shown before `undo` and `dropReplaced`. */
export declare function listKept(request: { readonly target: TargetSpec }, parts: Parts, work: Work): Promise<KeptResult>;
/** Throws `nothing-kept` (13). */
export declare function undo(request: { readonly target: TargetSpec }, parts: Parts, work: Work): Promise<UndoResult>;
/** `names`: those of `listKept` that the person agreed to. Throws `nothing-kept` (13). */
export declare function dropReplaced(
  request: { readonly target: TargetSpec; readonly names: readonly string[] },
  parts: Parts,
  work: Work,
): Promise<DropReplacedResult>;
