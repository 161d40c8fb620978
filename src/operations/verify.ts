/**
 * Reads every stored byte of a backup once and checks it from the outside in: length and hash, frames, the inside of each
 * artifact by its engine, rows against the fingerprint; then the files around them and the sizes. The result is kept as a
 * mark beside the manifest.
 */

import type { ArtifactRecord } from '../domain/artifact.ts';
import type { Backup } from '../domain/backup.ts';
import { formatBytes } from '../domain/amounts.ts';
import type { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { DamageProblem, Mark } from '../domain/mark.ts';
import { checkSizes, limitsForScope, type SizeLimits } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { EngineModule } from '../engine/engine.ts';
import { surroundingFiles } from '../repository/folder-check.ts';
import type { Repository } from '../repository/repository.ts';
import { operationErrors } from './errors.ts';
import { mergeFindings } from './findings.ts';
import type { Parts } from './parts.ts';
import { isDamage, problemOf, TrackedSource } from './tracked-source.ts';
import { markFacts, recordDamage, writeMark } from './write-mark.ts';

export interface VerifyRequest {
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
  readonly sizeLimits: SizeLimits;
}

export interface VerifyResult {
  /** With the new mark. */
  readonly backup: Backup;
  readonly outcome: 'verified' | 'damaged';
  readonly problems: readonly DamageProblem[];
  readonly findings: readonly Finding[];
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly frames: number;
  readonly files: number;
  readonly durationMs: number;
}

/** How far back sizes are compared. */
const comparedBackups = 200;

interface Checked {
  readonly problems: readonly DamageProblem[];
  readonly findings: readonly Finding[];
}

/** Throws `no-repository` (10), `backup-not-found` (13), `manifest-damaged` (15); other damage is in the result. */
export async function verify(request: VerifyRequest, parts: Parts, work: Work): Promise<VerifyResult> {
  const startedMs = parts.clock.monotonicMs();
  const repository = await parts.repository({ create: false });
  const { timeZone } = parts;
  const found = await repository.find({ name: request.backup, database: request.database, timeZone }, work.signal);
  const { manifest } = found;
  const checked = await checkBackup(repository, found, parts.engines.ofKind(manifest.engine), work);
  const sizes = await compareSizes(repository, found, request.sizeLimits, work);
  const { problems } = checked;
  const durationMs = parts.clock.monotonicMs() - startedMs;
  const totals = totalsOf(found);
  const findings = mergeFindings(checked.findings, sizes);
  const unwritten =
    problems.length > 0
      ? await recordDamage({ repository, manifest, by: 'verify' }, problems, parts, work)
      : await writeMark(repository, manifest, verifiedMark(found, parts, { durationMs, findings }), work);
  const { id: name, database } = manifest;
  return {
    backup: await repository.find({ name, database, timeZone }, work.signal),
    outcome: problems.length > 0 ? 'damaged' : 'verified',
    problems,
    findings: mergeFindings(findings, unwritten),
    ...totals,
    durationMs,
  };
}

/** The error the command ends with: `damage-found` (15); null when nothing is wrong. */
export function verifyFailure(result: VerifyResult): HoldfastError | null {
  const [first, ...others] = result.problems;
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  return operationErrors.make('damage-found', `${result.backup.manifest.id}: ${first.file}: ${first.message}${more}`);
}

async function checkBackup(repository: Repository, backup: Backup, module: EngineModule, work: Work): Promise<Checked> {
  const { manifest } = backup;
  const problems: DamageProblem[] = [...(await repository.checkFolder(manifest, work.signal))];
  const findings: Finding[] = [];
  const source = new TrackedSource(repository.open(manifest));
  let fingerprint: Fingerprint | null = null;
  try {
    fingerprint = await source.fingerprint(work);
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown;
    problems.push(...source.problems);
  }
  const progress = countProgress(manifest.artifacts, work);
  for (const artifact of manifest.artifacts) {
    if (artifact.role === 'fingerprint') continue;
    work.report({ kind: 'step', text: `checking ${artifact.name} (${formatBytes(artifact.storedBytes)})` });
    const checked = await checkArtifact(artifact, progress(repository.open(manifest).open(artifact, work)), (bytes) =>
      module.checkArtifact(artifact, bytes, manifest, fingerprint, quiet(work)),
    );
    problems.push(...checked.problems);
    findings.push(...checked.findings);
  }
  return { problems, findings };
}

/**
 * The engine gets the bytes as they are read and judges the inside; the end of them, and with it the hash, is reached
 * even if it stops listening earlier. What it throws about damage is a problem of the file; all else stops the work.
 */
async function checkArtifact(
  artifact: ArtifactRecord,
  bytes: AsyncIterable<Uint8Array>,
  checkInside: (bytes: AsyncIterable<Uint8Array>) => Promise<readonly Finding[]>,
): Promise<Checked> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    const lent = { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
    const findings = await checkInside(lent);
    while ((await iterator.next()).done !== true);
    const blocking = findings.filter(({ severity }) => severity === 'blocking');
    return {
      problems: blocking.map(({ code, message }) => ({ file: artifact.name, code, message })),
      findings: findings.filter(({ severity }) => severity !== 'blocking'),
    };
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown;
    return { problems: [problemOf(artifact.name, thrown)], findings: [] };
  } finally {
    await iterator.return?.();
  }
}

/** Progress over all artifacts together, in plain bytes: of the engine's own, steps and bytes would contradict it. */
function countProgress(
  artifacts: readonly ArtifactRecord[],
  work: Work,
): (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  const totalBytes = artifacts
    .filter(({ role }) => role !== 'fingerprint')
    .reduce((sum, { plainBytes }) => sum + plainBytes, 0);
  let doneBytes = 0;
  return async function* (bytes) {
    for await (const chunk of bytes) {
      doneBytes += chunk.length;
      work.report({ kind: 'bytes', doneBytes, totalBytes: Math.max(totalBytes, doneBytes) });
      yield chunk;
    }
  };
}

function quiet(work: Work): Work {
  return {
    signal: work.signal,
    report: (event) => {
      if (event.kind === 'note') work.report(event);
    },
  };
}

/** Too small or oddly sized is worth saying, and no damage: the bytes are those that were written. */
async function compareSizes(
  repository: Repository,
  { manifest }: Backup,
  limits: SizeLimits,
  work: Work,
): Promise<readonly Finding[]> {
  const catalog = await repository.list({ database: manifest.database, newest: comparedBackups }, work.signal);
  const scope = JSON.stringify(manifest.scope);
  const previous = catalog.backups
    .map((one) => one.manifest)
    .filter((one) => one.id < manifest.id && one.engine === manifest.engine && JSON.stringify(one.scope) === scope)
    .map(({ artifacts }) => artifacts);
  return checkSizes(manifest.artifacts, previous, limitsForScope(limits, manifest.scope)).map((finding) => ({
    ...finding,
    severity: 'warning',
  }));
}

function verifiedMark(
  { manifest }: Backup,
  parts: Parts,
  { durationMs, findings }: Pick<VerifyResult, 'durationMs' | 'findings'>,
): Mark {
  const files = [...manifest.artifacts.map(({ name }) => name), ...surroundingFiles];
  const storedBytes = manifest.artifacts.reduce((sum, one) => sum + one.storedBytes, 0);
  return { ...markFacts(manifest, parts), kind: 'verified', files, durationMs, storedBytes, findings };
}

function totalsOf({ manifest }: Backup): Pick<VerifyResult, 'storedBytes' | 'plainBytes' | 'frames' | 'files'> {
  const add = (field: 'storedBytes' | 'plainBytes' | 'frames'): number =>
    manifest.artifacts.reduce((sum, artifact) => sum + artifact[field], 0);
  return {
    storedBytes: add('storedBytes'),
    plainBytes: add('plainBytes'),
    frames: add('frames'),
    files: manifest.artifacts.length + surroundingFiles.length,
  };
}
