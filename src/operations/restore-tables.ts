/** Brings single tables back: to a file, beside the living ones, or in their place. Partial backups will do. */

import type { BackupSource } from '../domain/artifact.ts';
import type { Backup } from '../domain/backup.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, RestoredTable, TableRequest, Target, TargetSpec } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { findChecked } from './checked-backup.ts';
import { blockingError } from './findings.ts';
import { lockDatabase } from './lock.ts';
import type { Parts } from './parts.ts';
import { TrackedSource } from './tracked-source.ts';
import { recordDamage } from './write-mark.ts';

export interface RestoreTablesRequest extends TableRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
}

/** Everything that is known before anything is touched. The stored bytes have been hashed and are whole. */
export interface TablesPlan {
  readonly request: TableRequest;
  readonly backup: Backup;
  readonly target: Target;
  readonly repository: string;
  readonly opened: Repository;
  readonly engine: Engine;
  readonly source: BackupSource;
  readonly steps: readonly string[];
  readonly findings: readonly Finding[];
  readonly ageMs: number;
  readonly checkedBytes: number;
}

export interface RestoreTablesResult {
  readonly backup: Backup;
  readonly target: Target;
  readonly tables: readonly RestoredTable[];
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

/** Throws `wrong-engine` (2), `backup-not-found` (13), damage (15), and what the engine says of unknown tables. */
export async function planRestoreTables(request: RestoreTablesRequest, parts: Parts, work: Work): Promise<TablesPlan> {
  const module = parts.engines.forUrl(request.target.url);
  const engine = module.open(request.target);
  const { tables, destination, owners, privileges } = request;
  const tableRequest = { tables, destination, owners, privileges };
  const wanted = { name: request.backup, database: request.database, module, by: 'restore' };
  const { repository, backup, checkedBytes } = await findChecked(wanted, parts, work);
  const source = repository.open(backup.manifest);
  const { steps, findings } = await engine.planTables(tableRequest, source, work);
  return {
    request: tableRequest,
    backup,
    target: engine.target,
    repository: repository.label,
    opened: repository,
    engine,
    source,
    steps,
    findings,
    ageMs: parts.clock.now().getTime() - Date.parse(backup.manifest.started),
    checkedBytes,
  };
}

/** Throws `restore-blocked`, `locked` (11), damage (15), and what stops the engine. */
export async function executeRestoreTables(plan: TablesPlan, parts: Parts, work: Work): Promise<RestoreTablesResult> {
  const startedMs = parts.clock.monotonicMs();
  const blocked = blockingError('restore-blocked', plan.findings);
  if (blocked !== null) throw blocked;
  await using _lock = await lockDatabase(parts, plan.target, 'restore');
  const source = new TrackedSource(plan.source);
  try {
    const tables = await plan.engine.restoreTables(plan.request, source, work);
    return {
      backup: plan.backup,
      target: plan.target,
      tables,
      findings: plan.findings,
      durationMs: parts.clock.monotonicMs() - startedMs,
    };
  } catch (thrown) {
    const found = { repository: plan.opened, manifest: plan.backup.manifest, by: 'restore' };
    await recordDamage(found, source.problems, parts, work);
    throw source.reasonOf(thrown);
  }
}
