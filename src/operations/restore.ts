/**
 * Brings a backup back. First the plan: which backup, its stored bytes hashed, what will happen, what stands in the
 * way; a person agrees to it; then the restore beside, the comparison, and only for a copy that is equal and sound the
 * swap of names. Until then the present database is not touched.
 */

import type { BackupSource } from '../domain/artifact.ts';
import { countOf } from '../domain/amounts.ts';
import type { Backup } from '../domain/backup.ts';
import { compareFingerprints } from '../domain/compare-fingerprints.ts';
import { describeSalvage } from '../domain/damage.ts';
import { messageOf, type HoldfastError } from '../domain/error.ts';
import { hasBlocking, type Finding } from '../domain/finding.ts';
import type { Comparison, Fingerprint } from '../domain/fingerprint.ts';
import type { Hooks } from '../domain/hook.ts';
import { estimateRestore, type RestoreEstimate } from '../domain/restore-estimate.ts';
import type { RoleMap } from '../domain/role-map.ts';
import { describeScope } from '../domain/scope.ts';
import { contentBytes } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type {
  Engine,
  RestoreDestination,
  RestoredCopy,
  RestorePlan as EnginePlan,
  Target,
  TargetSpec,
} from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { aroundRestore } from './around-restore.ts';
import { findChecked } from './checked-backup.ts';
import { operationErrors } from './errors.ts';
import { separateExpected } from './expected-differences.ts';
import { blockingError, mergeFindings } from './findings.ts';
import { findLeftovers } from './leftovers.ts';
import { lockDatabase } from './lock.ts';
import type { Parts } from './parts.ts';
import { restoreSteps } from './restore-steps.ts';
import { planSafety, takeSafetyBackup, type SafetySettings } from './safety-backup.ts';
import { readMeasuredRestores, rememberRestore } from './restore-history.ts';
import { foreignNote } from './foreign/foreign-note.ts';
import { hashUnread, TrackedSource } from './tracked-source.ts';
import { recordDamage } from './write-mark.ts';

export interface RestoreRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
  readonly destination: RestoreDestination;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly jobs: number | null;
  /** Roles that are called otherwise on the target. Absent: none. */
  readonly roles?: RoleMap;
  /** Absent: no safety backup is taken. */
  readonly safety?: SafetySettings;
  /** Absent: none. */
  readonly hooks?: Hooks;
  /** When a step behind the swap fails, the replaced database is swapped back. */
  readonly undoOnFailure?: boolean;
}

/** Everything that is known before anything is touched. The stored bytes have been hashed and are whole. */
export interface RestorePlan {
  readonly request: RestoreRequest;
  readonly backup: Backup;
  readonly target: Target;
  readonly repository: string;
  readonly opened: Repository;
  readonly engine: Engine;
  readonly source: BackupSource;
  readonly enginePlan: EnginePlan;
  /** In order, with the safety backup and the steps of hooks. */
  readonly steps: readonly string[];
  readonly ageMs: number;
  readonly checkedBytes: number;
  /** Null when nothing was measured yet. */
  readonly estimate: RestoreEstimate | null;
  /** Blocking ones stop `executeRestore`; the plan is shown all the same. */
  readonly findings: readonly Finding[];
}

export interface RestoreResult {
  /** Of `different` and `check-failed` the copy was discarded and nothing was replaced. */
  readonly outcome: 'restored' | 'different' | 'check-failed';
  readonly backup: Backup;
  readonly target: Target;
  /** Where the data stands now; null when the copy was discarded. */
  readonly name: string | null;
  readonly keptAs: string | null;
  /** The id of the backup that was taken of the present state; null when none was. */
  readonly safetyBackup: string | null;
  /** A step behind the swap failed; the data is restored all the same. */
  readonly hookFailure: HoldfastError | null;
  /** Null when the backup has no fingerprint. */
  readonly comparison: Comparison | null;
  readonly findings: readonly Finding[];
  readonly restoreMs: number;
  readonly compareMs: number;
  readonly analyzeMs: number;
  readonly swapMs: number;
  readonly durationMs: number;
}

const measuredBackups = 50;

/** Throws `partial-backup` (2), `wrong-engine` (2), `no-globals` (2), `backup-not-found` (13), damage (15). */
export async function planRestore(request: RestoreRequest, parts: Parts, work: Work): Promise<RestorePlan> {
  const module = parts.engines.forUrl(request.target.url);
  const engine = module.open(request.target);
  const { destination, owners, privileges, jobs, database, roles } = request;
  if ((roles?.size ?? 0) > 0 && engine.globals === undefined) {
    throw operationErrors.make('no-globals', `${engine.target.label} is on no server that has roles`);
  }
  const demand = (found: Backup): void => {
    demandReplaceable(found, destination);
  };
  const wanted = { name: request.backup, database, module, by: 'restore', demand };
  const { repository, backup, checkedBytes } = await findChecked(wanted, parts, work);
  const { manifest } = backup;
  const source = repository.open(manifest);
  work.report({ kind: 'step', text: 'planning' });
  const enginePlan = await engine.planRestore(
    { destination, owners, privileges, jobs, ...(roles === undefined ? {} : { roles }) },
    source,
    work,
  );
  const near = await repository.list({ database: manifest.database, newest: measuredBackups }, work.signal);
  const left = await findLeftovers(module, engine, near.unfinished, work);
  const isSaved = destination.kind === 'in-place' || enginePlan.keptAs !== null;
  const safety = isSaved ? await planSafety(request.safety, destination, engine, work) : [];
  const size = { database: manifest.database, engine: manifest.engine, plainBytes: contentBytes(manifest.artifacts) };
  return {
    request,
    backup,
    target: engine.target,
    repository: repository.label,
    opened: repository,
    engine,
    source,
    enginePlan,
    steps: restoreSteps(enginePlan, request),
    ageMs: parts.clock.now().getTime() - Date.parse(manifest.started),
    checkedBytes,
    estimate: estimateRestore(size, await readMeasuredRestores(near.backups, parts)),
    findings: mergeFindings(
      enginePlan.findings.map((finding) => beforeSteps(finding, request.hooks)),
      describeBackup(backup, source, destination),
      safety,
      left,
    ),
  };
}

/** Throws `restore-blocked`, `locked` (11), damage (15), and what stops the engine: nothing was replaced then. */
export async function executeRestore(plan: RestorePlan, parts: Parts, work: Work): Promise<RestoreResult> {
  const blocked = blockingError('restore-blocked', plan.findings);
  if (blocked !== null) throw blocked;
  await using _lock = await lockDatabase(parts, plan.target, 'restore');
  const source = new TrackedSource(plan.source);
  try {
    const { manifest } = plan.backup;
    const around = { ...plan.request, engine: plan.engine, database: manifest.database, backup: manifest.id };
    return await aroundRestore(around, work, (beforeSwap) => restoreAndSwap(plan, source, parts, work, beforeSwap));
  } catch (thrown) {
    const found = { repository: plan.opened, manifest: plan.backup.manifest, by: 'restore' };
    await recordDamage(found, source.problems, parts, work);
    throw source.reasonOf(thrown);
  }
}

/** The error the command ends with: `not-equal` (1), `copy-unsound` (1), `hook-failed` (1); null when all went well. */
export function restoreFailure(result: RestoreResult): HoldfastError | null {
  if (result.outcome === 'restored') return result.hookFailure;
  const { id } = result.backup.manifest;
  if (result.outcome === 'different') {
    const differences = result.comparison?.differences ?? [];
    const [first] = differences;
    const example = first === undefined ? '' : ` (${first.kind} ${first.name}: ${first.what})`;
    const count = countOf(differences.length, 'difference');
    return operationErrors.make('not-equal', `the copy restored from ${id} has ${count}${example}`);
  }
  const unsound = result.findings.filter(({ severity }) => severity === 'blocking').map(({ message }) => message);
  return operationErrors.make('copy-unsound', `the copy restored from ${id}: ${unsound.join('; ')}`);
}

async function restoreAndSwap(
  plan: RestorePlan,
  source: TrackedSource,
  parts: Parts,
  work: Work,
  beforeSwap: () => Promise<void>,
): Promise<RestoreResult> {
  const { clock } = parts;
  const startedMs = clock.monotonicMs();
  const expected = await source.fingerprint(work);
  const isInPlace = plan.request.destination.kind === 'in-place';
  const saved: { id: string | null } = { id: null };
  const save = async (): Promise<void> => {
    saved.id = await savePresent(plan, parts, work);
  };
  await (isInPlace ? beforeSwap() : save());
  await using copy = await plan.engine.restore(plan.enginePlan, source, work, save);
  // A stream that broke off, or was not read to its end, must not pass because the engine did not mind.
  await hashUnread(source, plan.opened, work);
  const restoredMs = clock.monotonicMs();
  const compared = expected === null ? null : await compare(plan, expected, copy, work);
  const { comparison, findings: expectedOnes } = separateExpected(compared, copy);
  const checks = await copy.check(work);
  const comparedMs = clock.monotonicMs();
  const result = {
    backup: plan.backup,
    target: plan.target,
    comparison,
    safetyBackup: saved.id,
    hookFailure: null,
    restoreMs: copy.restoreMs,
    compareMs: comparedMs - restoredMs,
  };
  const discarded = { name: null, keptAs: null, analyzeMs: 0, swapMs: 0, durationMs: comparedMs - startedMs };
  const found = mergeFindings(copy.findings, checks, expectedOnes);
  if (comparison !== null && comparison.differences.length > 0) {
    return { ...result, ...discarded, outcome: 'different', findings: found };
  }
  if (hasBlocking(found)) return { ...result, ...discarded, outcome: 'check-failed', findings: found };
  work.report({ kind: 'step', text: 'analyzing' });
  await copy.analyze(work);
  const analyzedMs = clock.monotonicMs();
  if (!isInPlace) await beforeSwap();
  work.report({ kind: 'step', text: `putting it in place as ${plan.enginePlan.finalName}` });
  const { name, keptAs, findings } = await copy.adopt(work);
  const adoptedMs = clock.monotonicMs();
  return {
    ...result,
    outcome: 'restored',
    name,
    keptAs,
    findings: mergeFindings(plan.findings, found, findings, await remember(plan, copy, parts)),
    analyzeMs: analyzedMs - comparedMs,
    swapMs: adoptedMs - analyzedMs,
    durationMs: adoptedMs - startedMs,
  };
}

async function compare(
  { backup, enginePlan }: RestorePlan,
  expected: Fingerprint,
  copy: RestoredCopy,
  work: Work,
): Promise<Comparison> {
  work.report({ kind: 'step', text: `comparing ${countOf(expected.tables.length, 'table')}` });
  const actual = await copy.fingerprint(expected, work);
  const { owners, privileges } = backup.manifest;
  const { request } = enginePlan;
  return compareFingerprints(copy.expects?.(expected) ?? expected, actual, {
    owners: owners && request.owners,
    privileges: privileges && request.privileges,
  });
}

/** The restore is done: a measurement that cannot be kept is said, and changes nothing. */
async function remember(plan: RestorePlan, copy: RestoredCopy, parts: Parts): Promise<readonly Finding[]> {
  const { database, engine, artifacts } = plan.backup.manifest;
  try {
    await rememberRestore({ database, engine, plainBytes: contentBytes(artifacts), restoreMs: copy.restoreMs }, parts);
    return [];
  } catch (thrown) {
    const message = `how long it took could not be kept for later estimates: ${messageOf(thrown)}`;
    return [{ severity: 'note', code: 'measurement-lost', message, hint: 'Check the state directory.' }];
  }
}

function demandReplaceable({ manifest }: Backup, destination: RestoreDestination): void {
  if (destination.kind === 'into' || manifest.scope.kind === 'whole') return;
  throw operationErrors.make('partial-backup', `${manifest.id} is partial (${describeScope(manifest.scope)})`);
}

/** A step that stops the application takes away what only the application is in the way of. */
function beforeSteps(finding: Finding, hooks: Hooks | undefined): Finding {
  const stops = (hooks?.steps.beforeSwap.length ?? 0) + (hooks?.steps.beforeRestore.length ?? 0) > 0;
  if (finding.code !== 'database-in-use' || !stops) return finding;
  return { ...finding, severity: 'note', hint: 'A step of hooks must have stopped it by then.' };
}

/** Null when no safety backup was asked for, or there is nothing to save. */
async function savePresent(plan: RestorePlan, parts: Parts, work: Work): Promise<string | null> {
  const { safety, target, destination } = plan.request;
  if (safety === undefined || (destination.kind === 'replace' && plan.enginePlan.keptAs === null)) return null;
  return takeSafetyBackup(safety, { target, database: plan.backup.manifest.database }, parts, work);
}

function describeBackup(
  { manifest, state }: Backup,
  source: BackupSource,
  destination: RestoreDestination,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (source.isForeign === true) findings.push(...manifest.findings, foreignNote);
  else if (manifest.fingerprint.mode === 'off') {
    findings.push({
      severity: 'warning',
      code: 'nothing-to-compare',
      message: 'the backup has no fingerprint: the restored copy cannot be compared with anything',
      hint: 'Make backups without --fingerprint off.',
    });
  }
  if (manifest.salvage !== undefined) {
    findings.push({
      // Never a plain success: nobody knows whether what read was right.
      severity: 'warning',
      code: 'salvaged-backup',
      message: `${manifest.id} was salvaged from a damaged database: ${describeSalvage(manifest.salvage)}`,
      hint: `\`holdfast show ${manifest.id}\` lists what was lost, table by table.`,
    });
  }
  if (state === 'damaged') {
    findings.push({
      // Beside, a copy that turns out wrong harms nothing; in place it should not come so far.
      severity: destination.kind === 'in-place' ? 'blocking' : 'warning',
      code: 'marked-damaged',
      message: `${manifest.id} was found damaged earlier; its bytes are right now`,
      hint: 'Check the disk or the service behind the repository; `holdfast verify` renews the mark.',
    });
  }
  return findings;
}
