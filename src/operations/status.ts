/** How well each database is covered: the newest backup that counts, the newest proven one, and what is wrong. */

import { formatDuration } from '../domain/amounts.ts';
import type { Backup, Catalog, UnfinishedBackup, UnreadableBackup } from '../domain/backup.ts';
import { countsAsLatest } from '../domain/choose-backup.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import { unfinishedFindings } from './findings.ts';
import type { Parts } from './parts.ts';

export interface StatusRequest {
  /** Null: every database of the repository. */
  readonly database: string | null;
}

export interface DatabaseStatus {
  readonly database: string;
  /** Backups with a readable manifest, of any scope. */
  readonly backups: number;
  readonly storedBytes: number;
  /** The newest whole one that is not damaged and not labelled `safety`; null when there is none. */
  readonly newest: Backup | null;
  readonly newestAgeMs: number | null;
  readonly newestProven: Backup | null;
  readonly newestProvenAgeMs: number | null;
  readonly unfinished: readonly UnfinishedBackup[];
  readonly unreadable: readonly UnreadableBackup[];
  readonly findings: readonly Finding[];
}

export interface StatusResult {
  readonly repository: string;
  readonly databases: readonly DatabaseStatus[];
  readonly freeBytes: number | null;
  /** Those of all databases together. */
  readonly findings: readonly Finding[];
}

/** Throws `no-repository`. Ages are those of the data: from when a backup was begun. */
export async function status(request: StatusRequest, parts: Parts, work: Work): Promise<StatusResult> {
  const repository = await parts.repository({ create: false });
  const names = request.database === null ? await repository.databases(work.signal) : [request.database];
  const catalog = await repository.list({ database: request.database, newest: null }, work.signal);
  const now = parts.clock.now();
  const databases = names.map((name) => statusOf(name, catalog, now));
  return {
    repository: repository.label,
    databases,
    freeBytes: await repository.freeBytes(),
    findings: databases.flatMap(({ findings }) => findings),
  };
}

function statusOf(database: string, catalog: Catalog, now: Date): DatabaseStatus {
  const backups = catalog.backups.filter(({ manifest }) => manifest.database === database);
  const unfinished = catalog.unfinished.filter((one) => one.database === database);
  const unreadable = catalog.unreadable.filter((one) => one.database === database);
  const newest = backups.find(countsAsLatest) ?? null;
  const newestProven = backups.find((one) => countsAsLatest(one) && one.state === 'proven') ?? null;
  const ageMs = (backup: Backup | null): number | null =>
    backup === null ? null : now.getTime() - Date.parse(backup.manifest.started);
  return {
    database,
    backups: backups.length,
    storedBytes: backups.flatMap(({ manifest }) => manifest.artifacts).reduce((sum, one) => sum + one.storedBytes, 0),
    newest,
    newestAgeMs: ageMs(newest),
    newestProven,
    newestProvenAgeMs: ageMs(newestProven),
    unfinished,
    unreadable,
    findings: [
      ...coverage(database, newest, newestProven, ageMs(newestProven)),
      ...damage(backups, unreadable),
      ...unfinishedFindings(unfinished),
    ],
  };
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
