/** Brings roles, settings and tablespaces of a server back from what every dump keeps beside it. No database is touched. */

import type { BackupSource } from '../domain/artifact.ts';
import type { Backup } from '../domain/backup.ts';
import type { Work } from '../domain/work.ts';
import type { GlobalsFace, GlobalsPlan, GlobalsRequest, Target, TargetSpec } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { findChecked } from './checked-backup.ts';
import { operationErrors } from './errors.ts';
import { blockingError } from './findings.ts';
import { lockDatabase } from './lock.ts';
import type { Parts } from './parts.ts';
import { TrackedSource } from './tracked-source.ts';
import { recordDamage } from './write-mark.ts';

export interface RestoreGlobalsRequest extends GlobalsRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
}

/** The stored bytes have been hashed and are whole. */
export interface RestoreGlobalsPlan {
  readonly request: RestoreGlobalsRequest;
  readonly backup: Backup;
  readonly target: Target;
  readonly opened: Repository;
  readonly source: BackupSource;
  readonly face: GlobalsFace;
  readonly plan: GlobalsPlan;
}

export interface RestoreGlobalsResult extends GlobalsPlan {
  readonly backup: Backup;
  readonly target: Target;
  readonly durationMs: number;
}

/** Throws `no-globals` (2), `wrong-engine` (2), `backup-not-found` (13), damage (15). */
export async function planRestoreGlobals(
  request: RestoreGlobalsRequest,
  parts: Parts,
  work: Work,
): Promise<RestoreGlobalsPlan> {
  const module = parts.engines.forUrl(request.target.url);
  const { target, globals: face } = module.open(request.target);
  if (face === undefined) throw operationErrors.make('no-globals', `${target.label} is on no server that has roles`);
  const wanted = { name: request.backup, database: request.database, module, by: 'restore' };
  const { repository, backup } = await findChecked(wanted, parts, work);
  const source = repository.open(backup.manifest);
  work.report({ kind: 'step', text: 'planning' });
  const plan = await face.plan(request, source, work);
  return { request, backup, target, opened: repository, source, face, plan };
}

/** Throws `restore-blocked`, `locked` (11), damage (15), and what the engine says could not be restored. */
export async function executeRestoreGlobals(
  { request, backup, target, opened, source, face, plan }: RestoreGlobalsPlan,
  parts: Parts,
  work: Work,
): Promise<RestoreGlobalsResult> {
  const startedMs = parts.clock.monotonicMs();
  const blocked = blockingError('restore-blocked', plan.findings);
  if (blocked !== null) throw blocked;
  await using _lock = await lockDatabase(parts, target, 'restore');
  const tracked = new TrackedSource(source);
  try {
    const done = await face.restore(request, tracked, work);
    return { ...done, backup, target, durationMs: parts.clock.monotonicMs() - startedMs };
  } catch (thrown) {
    await recordDamage({ repository: opened, manifest: backup.manifest, by: 'restore' }, tracked.problems, parts, work);
    throw tracked.reasonOf(thrown);
  }
}
