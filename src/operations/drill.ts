/**
 * Proves a backup: restores it into a scratch place, compares the copy with the fingerprint taken when it was made, runs
 * the checks, measures the time, throws the copy away. The record is a mark beside the manifest, whatever came out.
 */

import { countOf } from '../domain/amounts.ts';
import type { Backup } from '../domain/backup.ts';
import type { Clock } from '../domain/clock.ts';
import { compareFingerprints } from '../domain/compare-fingerprints.ts';
import type { HoldfastError } from '../domain/error.ts';
import { hasBlocking, type Finding } from '../domain/finding.ts';
import type { Comparison, Fingerprint } from '../domain/fingerprint.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { CheckResult, ProofMark, ProofOutcome } from '../domain/mark.ts';
import { describeScope } from '../domain/scope.ts';
import type { Work } from '../domain/work.ts';
import type { EngineModule, RestoredCopy, ScratchPlace, TableRows } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { countTables, runChecks, type DrillChecks } from './drill-checks.ts';
import { operationErrors } from './errors.ts';
import { separateExpected } from './expected-differences.ts';
import { mergeFindings } from './findings.ts';
import { foreignNote } from './foreign/foreign-note.ts';
import { findLeftovers } from './leftovers.ts';
import type { Parts } from './parts.ts';
import { hashUnread, TrackedSource } from './tracked-source.ts';
import { markFacts, recordDamage, writeMark } from './write-mark.ts';

export interface DrillRequest {
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
  readonly place: ScratchPlace;
  readonly checks: DrillChecks;
}

export interface DrillResult {
  /** With the new mark. */
  readonly backup: Backup;
  /** Stored beside the manifest. */
  readonly proof: ProofMark;
  /** Those of the proof, and what else is to be weighed. */
  readonly findings: readonly Finding[];
  /** Every table with its rows, where there was nothing to compare with; else null. */
  readonly tables: readonly TableRows[] | null;
  readonly durationMs: number;
}

/** Throws damage (15), after marking the backup as damaged, and what stops the engine. */
export async function drill(request: DrillRequest, parts: Parts, work: Work): Promise<DrillResult> {
  const startedMs = parts.clock.monotonicMs();
  const repository = await parts.repository({ create: false });
  const { timeZone } = parts;
  const found = await repository.find({ name: request.backup, database: request.database, timeZone }, work.signal);
  const { manifest } = found;
  const module = parts.engines.ofKind(manifest.engine);
  const { place } = request;
  const left = await findLeftovers(module, place.kind === 'local' ? null : module.open(place.target), [], work);
  const source = new TrackedSource(repository.open(manifest));
  let done: Done;
  try {
    done = await restoreAndCompare({ request, module, source, repository, clock: parts.clock }, work);
  } catch (thrown) {
    await recordDamage({ repository, manifest, by: 'drill' }, source.problems, parts, work);
    throw source.reasonOf(thrown);
  }
  const proof: ProofMark = {
    ...markFacts(manifest, parts),
    kind: 'proof',
    files: source.readFiles,
    scope: describeScope(manifest.scope),
    ...done.drilled,
  };
  const unwritten = await writeMark(repository, manifest, proof, work);
  const { id: name, database } = manifest;
  return {
    backup: await repository.find({ name, database, timeZone }, work.signal),
    proof,
    findings: mergeFindings(left, proof.findings, describeLack(proof, source), unwritten),
    tables: done.tables,
    durationMs: parts.clock.monotonicMs() - startedMs,
  };
}

/** The error the command ends with: `not-proven` (1); null when it is proven, or was restored as far as it can be. */
export function drillFailure({ proof }: DrillResult): HoldfastError | null {
  if (proof.outcome === 'proven' || proof.outcome === 'restored') return null;
  const differences = proof.comparison?.differences ?? [];
  const failed = proof.checks.filter(({ ok }) => !ok);
  const blocking = proof.findings.filter(({ severity }) => severity === 'blocking');
  const reasons = [
    ...counted(
      differences.length,
      'difference',
      differences[0] && `${differences[0].kind} ${differences[0].name}: ${differences[0].what}`,
    ),
    ...counted(failed.length, 'failed check', failed[0] && `${failed[0].check}: ${failed[0].actual}`),
    ...counted(blocking.length, 'unsound thing', blocking[0]?.message),
  ];
  return operationErrors.make('not-proven', `${proof.id} is not proven: ${reasons.join('; ')}`);
}

type Drilled = Pick<
  ProofMark,
  'outcome' | 'place' | 'comparison' | 'checks' | 'findings' | 'restoreMs' | 'compareMs' | 'checksMs'
>;

interface Done extends Pick<DrillResult, 'tables'> {
  readonly drilled: Drilled;
}

interface Drilling {
  readonly request: DrillRequest;
  readonly module: EngineModule;
  readonly source: TrackedSource;
  readonly repository: Repository;
  readonly clock: Clock;
}

async function restoreAndCompare({ request, module, source, repository, clock }: Drilling, work: Work): Promise<Done> {
  const { manifest } = source;
  const expected = await source.fingerprint(work);
  work.report({ kind: 'step', text: `restoring ${manifest.id} into a scratch place` });
  await using copy = await module.scratch(request.place, source, work);
  // A stream that broke off, or was not read to its end, must not pass because the engine did not mind; nor may a backup
  // be called proven of which another file is damaged.
  await hashUnread(source, repository, work, manifest.artifacts);
  const restoredMs = clock.monotonicMs();
  const compared = expected === null ? null : await compare(expected, copy, source, work);
  const tables = compared === null ? await copy.countRows(work) : null;
  const comparedMs = clock.monotonicMs();
  work.report({ kind: 'step', text: 'running checks' });
  const tableCount = tables === null ? countTables(compared?.actual ?? null) : tables.length;
  const context = { backedUpAt: new Date(manifest.started), tableCount };
  const engineFindings = await copy.check(work);
  const { comparison, findings: expectedOnes } = separateExpected(compared?.comparison ?? null, copy);
  const checks = await runChecks(request.checks, copy, context, work);
  const findings = mergeFindings(copy.findings, engineFindings, expectedOnes);
  const drilled: Drilled = {
    outcome: judge(manifest, comparison, checks, findings),
    place: copy.description,
    comparison,
    checks,
    findings,
    restoreMs: copy.restoreMs,
    compareMs: comparedMs - restoredMs,
    checksMs: clock.monotonicMs() - comparedMs,
  };
  return { drilled, tables };
}

async function compare(
  expected: Fingerprint,
  copy: RestoredCopy,
  { manifest }: TrackedSource,
  work: Work,
): Promise<{ readonly comparison: Comparison; readonly actual: Fingerprint }> {
  work.report({ kind: 'step', text: `comparing ${countOf(expected.tables.length, 'table')}` });
  const actual = await copy.fingerprint(expected, work);
  const { owners, privileges } = manifest;
  return { comparison: compareFingerprints(expected, actual, { owners, privileges }), actual };
}

function judge(
  manifest: Manifest,
  comparison: Comparison | null,
  checks: readonly CheckResult[],
  findings: readonly Finding[],
): ProofOutcome {
  if (comparison !== null && comparison.differences.length > 0) return 'different';
  if (checks.some(({ ok }) => !ok) || hasBlocking(findings)) return 'checks-failed';
  return comparison === null || isEmptyComparison(manifest, comparison) ? 'restored' : 'proven';
}

/** Of a part (definitions only, views only) the fingerprint may hold nothing: equal to nothing proves nothing. */
function isEmptyComparison({ scope }: Manifest, comparison: Comparison): boolean {
  const { tablesCompared, sequencesCompared, objectsCompared, largeObjectsCompared } = comparison;
  return scope.kind !== 'whole' && tablesCompared + sequencesCompared + objectsCompared + largeObjectsCompared === 0;
}

/** What a proof that went well does still not say. */
function describeLack(proof: ProofMark, { isForeign, manifest }: TrackedSource): readonly Finding[] {
  if (isForeign) return [...manifest.findings, foreignNote];
  if (proof.comparison === null || proof.outcome === 'restored') {
    const hasNone = proof.comparison === null;
    return [
      {
        severity: 'warning',
        code: 'nothing-to-compare',
        message: `restored, but not proven: the backup has ${hasNone ? 'no fingerprint' : 'nothing in its fingerprint'} to compare with`,
        hint: hasNone ? 'Make backups without --fingerprint off.' : 'Whole backups are compared table by table.',
      },
    ];
  }
  const { tablesCompared, countedOnly } = proof.comparison;
  if (countedOnly === 0 || countedOnly < tablesCompared) return [];
  return [
    {
      severity: 'note',
      code: 'counted-only',
      message: 'only numbers of rows were compared, not their content',
      hint: 'Backups with --fingerprint content (the default) are compared row for row.',
    },
  ];
}

function counted(count: number, what: string, first: string | undefined): readonly string[] {
  if (count === 0) return [];
  return [`${countOf(count, what)} (${first ?? ''}${count === 1 ? '' : ', …'})`];
}
