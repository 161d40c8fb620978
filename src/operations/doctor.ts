/**
 * Looks at everything a backup or restore needs, before it is needed: the database, the tools, the repository, room, the
 * clock, what interrupted runs left. It goes on after a failure, so that one run names all there is to do.
 */

import { countOf, formatBytes, formatDuration } from '../domain/amounts.ts';
import { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, Inspection, Target, TargetSpec } from '../engine/engine.ts';
import { mergeFindings, unfinishedFindings } from './findings.ts';
import { findLeftovers } from './leftovers.ts';
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
  /** Null when there is none yet. */
  readonly repository: string | null;
  readonly findings: readonly Finding[];
}

/** More than this between two clocks makes ages, and `@time`, misleading. */
const clockToleranceMs = 120_000;

interface Examined {
  readonly facts: DoctorResult['facts'];
  readonly findings: readonly Finding[];
}

/** Throws only for an interruption, and for an address that no engine answers to. */
export async function doctor(request: DoctorRequest, parts: Parts, work: Work): Promise<DoctorResult> {
  const module = request.target === null ? null : parts.engines.forUrl(request.target.url);
  const engine = request.target === null ? null : (module?.open(request.target) ?? null);
  const inspected = await inspectTarget(engine, work);
  const left =
    module === null || engine === null ? [] : await attempt(() => findLeftovers(module, engine, [], work), work);
  const stored = await examineRepository(parts, inspected.inspection, work);
  return {
    target: engine?.target ?? null,
    inspection: inspected.inspection,
    facts: [...(inspected.inspection?.facts ?? []), ...stored.facts, ['state directory', parts.stateDirectory]],
    repository: stored.repository,
    findings: mergeFindings(inspected.findings, left, stored.findings),
  };
}

async function inspectTarget(
  engine: Engine | null,
  work: Work,
): Promise<{ readonly inspection: Inspection | null; readonly findings: readonly Finding[] }> {
  if (engine === null) return { inspection: null, findings: [] };
  work.report({ kind: 'step', text: `inspecting ${engine.target.label}` });
  let inspection: Inspection | null = null;
  const failed = await attempt(async () => {
    inspection = await engine.inspect('doctor', work);
    return inspection.findings;
  }, work);
  return { inspection, findings: failed };
}

async function examineRepository(
  parts: Parts,
  inspection: Inspection | null,
  work: Work,
): Promise<Examined & { readonly repository: string | null }> {
  work.report({ kind: 'step', text: 'trying the repository' });
  let repository: string | null = null;
  const facts: (readonly [string, string])[] = [];
  const findings = await attempt(async () => {
    const opened = await parts.repository({ create: false });
    repository = opened.label;
    const { storeTime } = await opened.probe(work.signal);
    const catalog = await opened.list({ database: null, newest: null }, work.signal);
    const freeBytes = await opened.freeBytes();
    facts.push(['repository', `${opened.label}, ${countOf(catalog.total, 'backup')}, can be written`]);
    if (freeBytes !== null) facts.push(['room', `${formatBytes(freeBytes)} free`]);
    return [
      ...compareClocks(parts.clock.now(), storeTime),
      ...compareRoom(freeBytes, inspection),
      ...unfinishedFindings(catalog.unfinished),
    ];
  }, work);
  if (findings.some(({ code }) => code === 'no-repository'))
    facts.push(['repository', 'none yet: the first backup makes it']);
  return { repository, facts, findings: findings.map(withoutRepositoryIsFine) };
}

/** What fails is a blocking finding; an interruption is passed on. */
async function attempt(action: () => Promise<readonly Finding[]>, work: Work): Promise<readonly Finding[]> {
  try {
    return await action();
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    return [{ severity: 'blocking', code: thrown.code, message: thrown.message, hint: thrown.hint }];
  }
}

function withoutRepositoryIsFine(finding: Finding): Finding {
  return finding.code === 'no-repository' ? { ...finding, severity: 'note' } : finding;
}

function compareClocks(here: Date, store: Date): readonly Finding[] {
  const differenceMs = Math.abs(here.getTime() - store.getTime());
  if (differenceMs <= clockToleranceMs) return [];
  return [
    {
      severity: 'warning',
      code: 'clocks-differ',
      message: `the clocks of this machine and of the repository differ by ${formatDuration(differenceMs)}`,
      hint: 'Set both by NTP: ages of backups, and times they are named by, come from this machine.',
    },
  ];
}

function compareRoom(freeBytes: number | null, inspection: Inspection | null): readonly Finding[] {
  const sizeBytes = inspection?.sizeBytes ?? null;
  if (freeBytes === null || sizeBytes === null || freeBytes >= sizeBytes / 3) return [];
  return [
    {
      severity: 'warning',
      code: 'little-room',
      message: `${formatBytes(freeBytes)} free in the repository, the database has ${formatBytes(sizeBytes)}`,
      hint: 'Free some room, or choose another place for backups.',
    },
  ];
}
