/** What becomes of databases that a restore replaced and kept: swapped back, or dropped on purpose. */

import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Adoption, Engine, KeptDatabase, Target, TargetSpec } from '../engine/engine.ts';
import { operationErrors } from './errors.ts';
import { lockDatabase } from './lock.ts';
import type { Parts } from './parts.ts';

export interface TargetRequest {
  readonly target: TargetSpec;
}

export interface KeptResult {
  readonly target: Target;
  /** Newest first. */
  readonly kept: readonly KeptDatabase[];
}

export interface UndoResult extends Adoption {
  readonly target: Target;
  readonly durationMs: number;
}

export interface DropReplacedRequest extends TargetRequest {
  /** Those of `listKept` that the person agreed to. */
  readonly names: readonly string[];
}

export interface DropReplacedResult {
  readonly target: Target;
  readonly dropped: readonly KeptDatabase[];
  readonly findings: readonly Finding[];
}

/** What earlier restores kept: for the plan that is shown before `undo` and `dropReplaced`. */
export async function listKept(request: TargetRequest, parts: Parts, work: Work): Promise<KeptResult> {
  const engine = openEngine(request, parts);
  return { target: engine.target, kept: await engine.kept(work) };
}

/** Throws `nothing-kept` (13), `locked` (11). */
export async function undo(request: TargetRequest, parts: Parts, work: Work): Promise<UndoResult> {
  const startedMs = parts.clock.monotonicMs();
  const engine = openEngine(request, parts);
  await using _lock = await lockDatabase(parts, engine.target, 'undo');
  const kept = await engine.kept(work);
  if (kept.length === 0) throw nothingKept(engine);
  const adoption = await engine.undo(work);
  return { ...adoption, target: engine.target, durationMs: parts.clock.monotonicMs() - startedMs };
}

/** Throws `nothing-kept` (13) when one of the names is not there (any more); nothing is dropped then. */
export async function dropReplaced(
  request: DropReplacedRequest,
  parts: Parts,
  work: Work,
): Promise<DropReplacedResult> {
  const engine = openEngine(request, parts);
  await using _lock = await lockDatabase(parts, engine.target, 'drop-replaced');
  const kept = await engine.kept(work);
  const chosen = request.names.map((name) => {
    const found = kept.find((one) => one.name === name);
    if (found === undefined) throw nothingKept(engine, name);
    return found;
  });
  if (chosen.length === 0) throw nothingKept(engine);
  for (const { name } of chosen) await engine.dropKept(name, work);
  return { target: engine.target, dropped: chosen, findings: [] };
}

function openEngine(request: TargetRequest, parts: Parts): Engine {
  return parts.engines.forUrl(request.target.url).open(request.target);
}

function nothingKept(engine: Engine, name?: string): Error {
  const what = name === undefined ? 'no replaced database' : `no replaced database "${name}"`;
  return operationErrors.make('nothing-kept', `${what} is kept beside ${engine.target.label}`);
}
