/** How well each database is covered: the newest backups, how far back they reach, what is wrong, and the verdict. */

import { formatDuration } from '../domain/amounts.ts';
import type { Backup, Catalog, UnfinishedBackup, UnreadableBackup } from '../domain/backup.ts';
import { countsAsLatest } from '../domain/choose-backup.ts';
import { coveredPeriods, type CoveredPeriods } from '../domain/covered-periods.ts';
import type { Finding } from '../domain/finding.ts';
import { usualHealthLimits, type DatabaseHealth, type HealthLimits } from '../domain/health.ts';
import type { Work } from '../domain/work.ts';
import { unfinishedFindings } from './findings.ts';
import { healthIn } from './health.ts';
import type { Parts } from './parts.ts';

export interface StatusRequest {
  /** Null: every database of the repository, and every configured one. */
  readonly database: string | null;
  /** Names that belong here, whether they have a backup or not. */
  readonly configured?: readonly string[];
  /** What their health is held against; `usualHealthLimits` without. */
  readonly limitsOf?: (database: string) => HealthLimits;
}

export interface DatabaseStatus {
  readonly database: string;
  /** Backups with a readable manifest, of any scope. */
  readonly backups: number;
  /** Of these, those that `latest` and health count. */
  readonly counted: number;
  readonly damaged: number;
  readonly storedBytes: number;
  /** The newest whole one that is not damaged and not labelled `safety`; null when there is none. */
  readonly newest: Backup | null;
  readonly newestAgeMs: number | null;
  /** The same of each kind there is (`dump`, `image`, `base`), newest first. */
  readonly newestOfKinds: readonly Backup[];
  readonly newestProven: Backup | null;
  readonly newestProvenAgeMs: number | null;
  /** Periods with at least one of the counted ones. */
  readonly periods: CoveredPeriods;
  readonly unfinished: readonly UnfinishedBackup[];
  readonly unreadable: readonly UnreadableBackup[];
  /** Null for one that is in the repository and not configured, while others are: nobody promised anything for it. */
  readonly health: DatabaseHealth | null;
  readonly findings: readonly Finding[];
}

export interface StatusResult {
  readonly repository: string;
  readonly databases: readonly DatabaseStatus[];
  /** All backups together, unfinished ones included. */
  readonly usedBytes: number;
  readonly freeBytes: number | null;
  readonly now: Date;
  /** Those of all databases together. */
  readonly findings: readonly Finding[];
}

/** Throws `no-repository`. Ages are those of the data: from when a backup was begun. */
export async function status(request: StatusRequest, parts: Parts, work: Work): Promise<StatusResult> {
  const repository = await parts.repository({ create: false });
  const { configured = [], limitsOf = () => usualHealthLimits } = request;
  const stored = request.database === null ? await repository.databases(work.signal) : [];
  const names = request.database === null ? [...new Set([...configured, ...stored])] : [request.database];
  const catalog = await repository.list({ database: request.database, newest: null }, work.signal);
  const now = parts.clock.now();
  const databases = names.map((name): DatabaseStatus => {
    const isJudged = configured.length === 0 || configured.includes(name) || name === request.database;
    const verdict = isJudged ? healthIn(catalog, name, limitsOf(name), now) : null;
    return { ...statusOf(name, catalog, now, parts.timeZone), health: verdict };
  });
  return {
    repository: repository.label,
    databases,
    usedBytes: databases.reduce((sum, one) => sum + one.storedBytes + sizeOf(one.unfinished), 0),
    freeBytes: await repository.freeBytes(),
    now,
    findings: databases.flatMap(({ findings }) => findings),
  };
}

function statusOf(database: string, catalog: Catalog, now: Date, timeZone: string): Omit<DatabaseStatus, 'health'> {
  const backups = catalog.backups.filter(({ manifest }) => manifest.database === database);
  const unfinished = catalog.unfinished.filter((one) => one.database === database);
  const unreadable = catalog.unreadable.filter((one) => one.database === database);
  const counted = backups.filter(countsAsLatest);
  const newest = counted[0] ?? null;
  const newestProven = counted.find(({ state }) => state === 'proven') ?? null;
  const ageMs = (backup: Backup | null): number | null =>
    backup === null ? null : now.getTime() - Date.parse(backup.manifest.started);
  const damaged = backups.filter(({ state }) => state === 'damaged').length;
  return {
    database,
    backups: backups.length,
    counted: counted.length,
    damaged: damaged + unreadable.filter(({ state }) => state === 'damaged').length,
    storedBytes: backups.flatMap(({ manifest }) => manifest.artifacts).reduce((sum, one) => sum + one.storedBytes, 0),
    newest,
    newestAgeMs: ageMs(newest),
    newestOfKinds: counted.filter((one) => one === counted.find(({ manifest }) => manifest.kind === one.manifest.kind)),
    newestProven,
    newestProvenAgeMs: ageMs(newestProven),
    periods: coveredPeriods(
      counted.map(({ manifest }) => new Date(manifest.started)),
      timeZone,
    ),
    unfinished,
    unreadable,
    findings: [
      ...coverage(database, newest, newestProven, ageMs(newestProven)),
      ...damage(backups, unreadable),
      ...unfinishedFindings(unfinished),
    ],
  };
}

function sizeOf(unfinished: readonly UnfinishedBackup[]): number {
  return unfinished.reduce((sum, one) => sum + one.storedBytes, 0);
}

function coverage(
  database: string,
  newest: Backup | null,
  proven: Backup | null,
  provenAgeMs: number | null,
): readonly Finding[] {
  if (newest === null) {
    return [
      {
        severity: 'warning',
        code: 'no-whole-backup',
        message: `${database} has no whole, undamaged backup`,
        hint: `Make one: holdfast backup ${database}`,
      },
    ];
  }
  if (proven === newest) return [];
  const since =
    provenAgeMs === null ? 'none was ever proven' : `the newest proven one is ${formatDuration(provenAgeMs)} old`;
  return [
    {
      severity: 'note',
      code: 'newest-not-proven',
      message: `the newest backup of ${database} is not proven: ${since}`,
      hint: `Prove it: holdfast drill ${database}`,
    },
  ];
}

function damage(backups: readonly Backup[], unreadable: readonly UnreadableBackup[]): readonly Finding[] {
  const hint = 'Use another copy or an older backup in its place; `holdfast show` has the details.';
  const damaged = backups.filter(({ state }) => state === 'damaged').map(({ folder }) => `${folder} is damaged`);
  const manifests = unreadable.map(({ folder, state, problem }) => `${folder} is ${state}: ${problem}`);
  return [...damaged, ...manifests].map((message) => ({ severity: 'warning', code: 'backup-unusable', message, hint }));
}
