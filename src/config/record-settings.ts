/** Where a run leaves its traces beside the journal: metrics and log. Order: environment, holdfast.yaml, `.env` files. */

import { resolve } from 'node:path';
import type { LogLevel } from '../domain/log-level.ts';
import { lookUp, lookUpFirst } from './env-source.ts';
import type { Sources } from './sources.ts';

/** Paths are absolute; null is none. */
export interface RecordSettings {
  readonly metricsFile: string | null;
  readonly logFile: string | null;
  readonly logLevel: LogLevel;
  readonly syslog: boolean;
  /** Only for the metrics record: what the team's variables say. */
  readonly retentionDays: number | null;
}

export async function findRecordSettings(sources: Sources, cwd: string, signal: AbortSignal): Promise<RecordSettings> {
  const content = sources.file?.content;
  return {
    metricsFile: pathInFile(sources, content?.metricsFile),
    logFile: await findLogFile(sources, cwd, signal),
    logLevel: content?.logLevel ?? 'info',
    syslog: content?.syslog ?? false,
    retentionDays: await findRetention(sources, signal),
  };
}

function pathInFile({ file }: Sources, path: string | undefined): string | null {
  return file === null || path === undefined ? null : resolve(file.baseDir, path);
}

async function findLogFile(sources: Sources, cwd: string, signal: AbortSignal): Promise<string | null> {
  const given = await lookUp(sources.environment, 'LOG_FILE', signal);
  if (given !== null) return resolve(cwd, given.value);
  const written = pathInFile(sources, sources.file?.content.logFile);
  if (written !== null) return written;
  const found = await lookUpFirst(sources.envFiles, 'LOG_FILE', signal);
  // A relative one is meant from where their scripts run, which is where the file lies.
  return found === null ? null : resolve(found.source.baseDir, found.value);
}

async function findRetention({ environment, envFiles }: Sources, signal: AbortSignal): Promise<number | null> {
  for (const name of ['BACKUP_RETENTION_DAYS', 'RETENTION_DAYS']) {
    const found = await lookUpFirst([environment, ...envFiles], name, signal);
    if (found !== null && /^\d{1,5}$/.test(found.value.trim())) return Number(found.value);
  }
  return null;
}
