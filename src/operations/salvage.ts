/**
 * Saves what still reads of a damaged database, as a backup of scope `tables`: it is never `latest`, keeps no other backup
 * from being kept, and cannot be swapped in. What did not read is listed in it. Nothing is checked beforehand that the damage
 * itself would fail, no hook runs, and nothing expires afterwards: older backups are what is needed now.
 */

import { checkDatabaseName, databaseNameFrom } from '../domain/backup-name.ts';
import { lossFindings, type SalvageRecord } from '../domain/damage.ts';
import type { Finding } from '../domain/finding.ts';
import { salvageScope } from '../domain/scope.ts';
import type { Work } from '../domain/work.ts';
import type { Target } from '../engine/engine.ts';
import { measure, removingOnFailure, type BackupRequest, type BackupResult } from './backup.ts';
import { mergeFindings } from './findings.ts';
import { lockDatabase } from './lock.ts';
import type { Parts } from './parts.ts';

export interface SalvageRequest
  extends Pick<
    BackupRequest,
    'target' | 'database' | 'label' | 'owners' | 'privileges' | 'zstdLevel' | 'lockTimeoutMs'
  > {
  /** Called once, before anything is read. */
  readonly onStart?: (start: { readonly target: Target; readonly repository: string }) => void;
}

export interface SalvageResult extends Omit<BackupResult, 'expiry' | 'ratio'> {
  readonly salvage: SalvageRecord;
}

/** How many losses stand in the manifest, too, where they can be read without the fingerprint. */
const listedLosses = 100;

/** Throws `locked` (11), and what says that nothing at all can be read. */
export async function salvage(request: SalvageRequest, parts: Parts, work: Work): Promise<SalvageResult> {
  const startedMs = parts.clock.monotonicMs();
  const module = parts.engines.forUrl(request.target.url);
  const engine = module.open(request.target);
  const { target } = engine;
  const database = checkDatabaseName(request.database ?? databaseNameFrom(target.databaseName));
  await using _lock = await lockDatabase(parts, target, 'backup');
  const repository = await parts.repository({ create: true });
  request.onStart?.({ target, repository: repository.label });
  const writer = await repository.beginBackup({ database, engine: module.kind, kind: module.backupKind }, work.signal);
  const { owners, privileges, zstdLevel, lockTimeoutMs, label } = request;
  return await removingOnFailure(writer, work, async () => {
    const { stem, compactTime, sink } = writer;
    const wanted = { stem, compactTime, owners, privileges, zstdLevel, lockTimeoutMs };
    const outcome = await engine.salvage(wanted, sink, work);
    work.signal.throwIfAborted();
    const findings = mergeFindings(outcome.findings, lossFindings(outcome.salvage));
    work.report({ kind: 'step', text: 'writing the manifest' });
    const manifest = await writer.finish(
      {
        scope: salvageScope,
        label,
        origin: outcome.origin,
        needs: outcome.needs,
        owners,
        privileges,
        fingerprint: outcome.fingerprint,
        fingerprintMode: outcome.fingerprint.mode,
        findings: shortened(findings),
      },
      (draft) => module.restoreInstructions(draft),
      work.signal,
    );
    const { ratio: _, ...measured } = measure(manifest, parts.clock.monotonicMs() - startedMs);
    return {
      target,
      manifest,
      folder: writer.folder,
      repository: repository.label,
      repositoryCreated: repository.created,
      findings,
      salvage: outcome.salvage,
      ...measured,
    };
  });
}

function shortened(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= listedLosses) return findings;
  const more: Finding = {
    severity: 'warning',
    code: 'more-lost',
    message: `${String(findings.length - listedLosses)} more findings stand in the fingerprint only`,
    hint: '',
  };
  return [...findings.slice(0, listedLosses), more];
}
