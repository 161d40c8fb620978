/** Whether each database is covered as was promised (`domain/health.ts` has the rules). */

import type { Catalog } from '../domain/backup.ts';
import { judgeHealth, type DatabaseHealth, type HealthLimits } from '../domain/health.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from './parts.ts';

export interface HealthRequest {
  /** Null: every configured one; where none is configured, every one of the repository. */
  readonly database: string | null;
  readonly configured: readonly string[];
  limitsOf(database: string): HealthLimits;
}

export interface HealthResult {
  readonly repository: string;
  readonly healthy: boolean;
  readonly databases: readonly DatabaseHealth[];
  /** In the repository and not configured: not judged. */
  readonly others: readonly string[];
}

/** Throws `no-repository`. A database that is configured and has no backup is unhealthy, not absent. */
export async function health(request: HealthRequest, parts: Parts, work: Work): Promise<HealthResult> {
  const repository = await parts.repository({ create: false });
  const stored = await repository.databases(work.signal);
  const catalog = await repository.list({ database: request.database, newest: null }, work.signal);
  const names = request.database === null ? judgedNames(request.configured, stored) : [request.database];
  const now = parts.clock.now();
  const databases = names.map((name) => healthIn(catalog, name, request.limitsOf(name), now));
  return {
    repository: repository.label,
    healthy: databases.length > 0 && databases.every(({ healthy }) => healthy),
    databases,
    others: request.database === null ? stored.filter((name) => !names.includes(name)) : [],
  };
}

function judgedNames(configured: readonly string[], stored: readonly string[]): readonly string[] {
  return configured.length > 0 ? configured : stored;
}

/** One database's health, from a catalog that holds its backups. */
export function healthIn(catalog: Catalog, database: string, limits: HealthLimits, now: Date): DatabaseHealth {
  const backups = catalog.backups.filter(({ manifest }) => manifest.database === database);
  return judgeHealth({ database, backups, runningSince: runningSince(catalog, database, now) }, limits, now);
}

/** Of one that runs elsewhere nobody knows whether it still does: after a day it counts no more. */
function runningSince({ unfinished }: Catalog, database: string, now: Date): Date | null {
  const ages = unfinished.flatMap(({ database: owner, process, ageMs }) => {
    const isRunning = process === 'running' || (process === 'unknown' && (ageMs ?? Infinity) < unknownRunMs);
    return owner === database && isRunning && ageMs !== null ? [ageMs] : [];
  });
  return ages.length === 0 ? null : new Date(now.getTime() - Math.max(...ages));
}

const unknownRunMs = 86_400_000;
