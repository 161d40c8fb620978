/** What only looks. */

import {
  databaseStatusAnswer,
  failedRunAnswer,
  listAnswer,
  type DatabaseStatusAnswer,
  type FailedRunAnswer,
  type ListAnswer,
} from '../answers/coverage.ts';
import { listedFileAnswer, type ListedFileAnswer } from '../answers/foreign-file.ts';
import { backupDetailsAnswer, type BackupDetailsAnswer } from '../answers/stored-backup.ts';
import { definedOf } from '../config/defined.ts';
import { healthLimitsOf } from '../config/health-settings.ts';
import { hasBlocking, type Finding } from '../domain/finding.ts';
import type { DatabaseHealth, HealthLimits } from '../domain/health.ts';
import { doctor } from '../operations/doctor.ts';
import { listFiles } from '../operations/foreign/list-files.ts';
import { health } from '../operations/health.ts';
import { listBackups } from '../operations/list-backups.ts';
import { show } from '../operations/show.ts';
import { status } from '../operations/status.ts';
import { chooseNamed, chooseTarget, databasesMeant } from '../requests/choose.ts';
import { findRecentFailures } from '../requests/recent-failures.ts';
import type { CallOptions } from './calls.ts';
import type { Session } from './session.ts';

/** Which database; without a name the only one there is, or all, where a call can be about all. */
export interface DatabaseChoice {
  readonly database?: string;
}

/** Which backup: its id or the beginning of it, `latest`, or `@2026-11-20T14:30`, the newest finished by then. */
export interface BackupChoice extends DatabaseChoice {
  /** `latest`, unless given. */
  readonly backup?: string;
}

export interface ListOptions extends CallOptions, DatabaseChoice {
  /** Only the newest so many. */
  readonly limit?: number;
}

export interface ListFilesOptions extends CallOptions {
  /** False: the files are not read, and not compared with the checksums beside them. */
  readonly checksums?: boolean;
}

export interface HealthOptions extends CallOptions, DatabaseChoice {
  /** In place of the configured limits. */
  readonly maxAgeMs?: number;
  readonly minCount?: number;
  readonly maxProofAgeMs?: number;
}

export interface HealthAnswer {
  readonly repository: string;
  readonly healthy: boolean;
  readonly databases: readonly DatabaseHealth[];
  /** In the repository and not configured: not judged. */
  readonly others: readonly string[];
}

export interface StatusAnswer {
  readonly repository: string;
  readonly databases: readonly DatabaseStatusAnswer[];
  readonly usedBytes: number;
  /** Null: not known. */
  readonly freeBytes: number | null;
  /** Runs of the last seven days that failed, were interrupted, or died. */
  readonly recentFailures: readonly FailedRunAnswer[];
  readonly findings: readonly Finding[];
}

export interface DoctorAnswer {
  /** True unless something stands in the way of a backup. */
  readonly ready: boolean;
  /** Address without a password; null: none is configured. */
  readonly target: string | null;
  readonly repository: string | null;
  readonly facts: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

export interface Reading {
  /** The backups there are, newest first, with what is unreadable or unfinished. */
  list(options?: ListOptions): Promise<ListAnswer>;
  /** The files that other programs left in the repository's folder, known by their content. */
  listFiles(options?: ListFilesOptions): Promise<readonly ListedFileAnswer[]>;
  /** All that is known of one backup. */
  show(options?: CallOptions & BackupChoice): Promise<BackupDetailsAnswer>;
  /** How well each database is covered. */
  status(options?: CallOptions & DatabaseChoice): Promise<StatusAnswer>;
  /** Whether backups are new enough, and proven. It tells; it does not throw for what is unhealthy. */
  health(options?: HealthOptions): Promise<HealthAnswer>;
  /** Whether everything a backup and a restore need is there. It tells; it does not throw for what is missing. */
  doctor(options?: CallOptions & DatabaseChoice): Promise<DoctorAnswer>;
}

export function makeReading(session: Session): Reading {
  return { ...makeLists(session), ...makeVerdicts(session) };
}

function makeLists(session: Session): Pick<Reading, 'list' | 'listFiles' | 'show'> {
  return {
    list: (options = {}) =>
      session.call(options, async (call) => {
        const { database } = await chooseNamed(namedIn(options), call, { all: true });
        return listAnswer(await listBackups({ database, limit: options.limit ?? null }, await call.parts(), call.work));
      }),
    listFiles: (options = {}) =>
      session.call(options, async (call) => {
        const folder = call.configured.repository.path;
        const request = { folder, checksums: options.checksums !== false };
        return (await listFiles(request, await call.parts(), call.work)).map(listedFileAnswer);
      }),
    show: (options = {}) =>
      session.call(options, async (call) => {
        const { database } = await chooseNamed(namedIn(options), call);
        return backupDetailsAnswer(
          await show({ database, backup: options.backup ?? 'latest' }, await call.parts(), call.work),
        );
      }),
  };
}

function makeVerdicts(session: Session): Pick<Reading, 'status' | 'health' | 'doctor'> {
  return {
    status: (options = {}) =>
      session.call(options, async (call) => {
        const { database } = await chooseNamed(namedIn(options), call, { all: true });
        const { health: limits } = call.configured;
        const configured = await databasesMeant(call);
        const limitsOf = (name: string): HealthLimits => healthLimitsOf(limits, name);
        const found = await status({ database, configured, limitsOf }, await call.parts(), call.work);
        call.weigh(found.findings);
        return {
          repository: found.repository,
          databases: found.databases.map(databaseStatusAnswer),
          usedBytes: found.usedBytes,
          freeBytes: found.freeBytes,
          recentFailures: (await findRecentFailures(database, call)).map(failedRunAnswer),
          findings: found.findings,
        };
      }),
    health: (options = {}) =>
      session.call(options, async (call) => {
        const { database } = await chooseNamed(namedIn(options), call, { all: true });
        const { maxAgeMs, minCount, maxProofAgeMs } = options;
        const given: Partial<HealthLimits> = definedOf({ maxAgeMs, minCount, maxProofAgeMs });
        const { health: limits } = call.configured;
        const request = {
          database,
          configured: await databasesMeant(call),
          limitsOf: (name: string) => ({ ...healthLimitsOf(limits, name), ...given }),
        };
        return health(request, await call.parts(), call.work);
      }),
    doctor: (options = {}) =>
      session.call(options, async (call) => {
        const words = options.database === undefined ? [] : [options.database];
        const { settings, configuration } = await chooseTarget(words, call);
        const found = await doctor({ target: settings?.target ?? null }, await call.parts(), call.work);
        const findings = [...configuration.findings, ...found.findings];
        call.weigh(findings);
        return {
          ready: !hasBlocking(findings),
          target: found.target?.label ?? null,
          repository: found.repository,
          facts: Object.fromEntries(found.facts),
          findings,
        };
      }),
  };
}

/** As `chooseNamed` takes it. */
export function namedIn({ database, backup }: BackupChoice): {
  readonly database: string | null;
  readonly backup: string | null;
} {
  return { database: database ?? null, backup: backup ?? null };
}
