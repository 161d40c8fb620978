/** A backup of the present state before a restore replaces it: an ordinary one, labelled `safety`, so that it is never `latest`. */

import type { Finding } from '../domain/finding.ts';
import { wholeScope } from '../domain/scope.ts';
import type { SizeLimits } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, RestoreDestination, TargetSpec } from '../engine/engine.ts';
import { backupUnderLock, type BackupRequest } from './backup.ts';
import type { Parts } from './parts.ts';

export interface SafetySettings extends Pick<BackupRequest, 'formats' | 'zstdLevel' | 'lockTimeoutMs'> {
  /** The place it goes to, where that is not the one that is restored from (a single file). */
  readonly repository?: Parts['repository'];
  /** The name it has there; absent: that of the restored backup. */
  readonly database?: string;
}

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
  const { formats, zstdLevel, lockTimeoutMs } = safety;
  const { manifest, findings } = await backupUnderLock(
    {
      ...{ target, database: safety.database ?? database, label: 'safety', formats, zstdLevel, lockTimeoutMs },
      ...{ scope: wholeScope, fingerprint: 'content', sizeLimits: anySize, owners: true, privileges: true },
      // Nothing may go now: least of all the backup that is about to be restored.
      keep: null,
    },
    safety.repository === undefined ? parts : { ...parts, repository: safety.repository },
    work,
  );
  for (const { severity, message } of findings) {
    if (severity === 'warning') work.report({ kind: 'note', level: 'warn', text: `safety backup: ${message}` });
  }
  work.report({ kind: 'note', level: 'info', text: `safety backup ${manifest.id}` });
  return manifest.id;
}
