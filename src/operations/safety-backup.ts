/** A backup of the present state before a restore replaces it: an ordinary one, labelled `safety`, so that it is never `latest`. */

import type { Finding } from '../domain/finding.ts';
import { wholeScope } from '../domain/scope.ts';
import type { SizeLimits } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, RestoreDestination, TargetSpec } from '../engine/engine.ts';
import { backupUnderLock, type BackupRequest } from './backup.ts';
import type { Parts } from './parts.ts';

export type SafetySettings = Pick<BackupRequest, 'formats' | 'zstdLevel' | 'lockTimeoutMs'>;

/** A database that is to be replaced may have lost nearly everything. */
const anySize: SizeLimits = { minimumBytes: null, smallBytes: null, changeRatio: null, changeBytes: null };

/** What stands in the way of one, or that there will be none. */
export async function planSafety(
  safety: SafetySettings | undefined,
  destination: RestoreDestination,
  engine: Engine,
  work: Work,
): Promise<readonly Finding[]> {
  if (safety === undefined) return destination.kind === 'in-place' ? [withoutSafety] : [];
  const { findings } = await engine.inspect('backup', work);
  return findings
    .filter(({ severity }) => severity === 'blocking')
    .map(({ code, message, hint, severity }) => ({
      ...{ severity, code },
      message: `a safety backup cannot be taken: ${message}`,
      hint: `${hint} Or go on without one: --no-safety-backup.`.trim(),
    }));
}

const withoutSafety: Finding = {
  severity: 'warning',
  code: 'no-safety-backup',
  message: 'NO SAFETY BACKUP is taken, and nothing else keeps the present state: once committed, it is gone for good',
  hint: 'Leave --no-safety-backup out, unless the present state is worth nothing.',
};

/** The id. Whoever calls it holds the lock of the database. */
export async function takeSafetyBackup(
  safety: SafetySettings,
  { target, database }: { readonly target: TargetSpec; readonly database: string },
  parts: Parts,
  work: Work,
): Promise<string> {
  work.report({ kind: 'step', text: 'taking a safety backup of the present state' });
  const { manifest, findings } = await backupUnderLock(
    {
      ...safety,
      ...{ target, database, label: 'safety', scope: wholeScope, fingerprint: 'content', sizeLimits: anySize },
      // Nothing may go now: least of all the backup that is about to be restored.
      ...{ owners: true, privileges: true, keep: null },
    },
    parts,
    work,
  );
  for (const { severity, message } of findings) {
    if (severity === 'warning') work.report({ kind: 'note', level: 'warn', text: `safety backup: ${message}` });
  }
  work.report({ kind: 'note', level: 'info', text: `safety backup ${manifest.id}` });
  return manifest.id;
}
