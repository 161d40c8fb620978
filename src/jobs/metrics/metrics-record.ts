/**
 * The JSON record of one run: the fields that team scripts wrote before (`timestamp` to `retention_days`), and ours. A run
 * with warnings has the status `success`: what it should have made is there.
 */

import { isSuccess, type RunRecord } from '../../domain/run.ts';

export function metricsRecord(run: RunRecord, retentionDays: number | null): Readonly<Record<string, unknown>> {
  return {
    timestamp: run.finished,
    backup_size_bytes: run.storedBytes,
    duration_seconds: run.durationMs / 1000,
    status: isSuccess(run) ? 'success' : 'failed',
    files_created: run.verb === 'backup' ? (run.files ?? 0) : 0,
    retention_days: retentionDays,
    run: run.id,
    verb: run.verb,
    database: run.database,
    backup: run.backup,
    state: run.state,
    outcome: run.outcome,
    exit: run.exit,
    plain_bytes: run.plainBytes,
    stored_bytes: run.storedBytes,
    started: run.started,
    host: run.host,
    repository: run.repository,
    error: run.error,
    findings: run.findings.map(({ severity, code, message }) => ({ severity, code, message })),
  };
}
