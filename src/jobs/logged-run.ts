/**
 * A recorded run with its log: what the caller says goes into the log as well, and whoever calls answers only once everybody
 * was told, because a message that could not be sent belongs to the exit code.
 */

import type { Clock } from '../domain/clock.ts';
import type { ExitCode } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { LogLevel } from '../domain/log-level.ts';
import type { ProgressEvent } from '../domain/work.ts';
import { runJob, type Job, type JobTools, type OpenRun } from './run-job.ts';
import { openRunLog, type LogSettings, type RunLog } from './run-log.ts';

export interface LoggedRun {
  readonly log: LogSettings;
  readonly clock: Clock;
  /** What the run is, and how what is found after it is said. */
  job(log: RunLog): Job;
  /** For what could not be logged: it cannot go into the log. */
  sayUnlogged(finding: Finding): void;
}

/** `findings`: those of the log, which the action weighs with its own. Throws what the action throws. */
export async function runLogged(
  run: LoggedRun,
  tools: JobTools,
  action: (open: OpenRun, log: RunLog, findings: readonly Finding[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { log, findings } = await openRunLog(run.log, run.clock);
  const job = run.job(log);
  let exit: ExitCode;
  try {
    exit = await runJob(job, tools, (open) => action(open, log, findings));
  } catch (thrown) {
    const { code, message, hint } = job.errorOf(thrown);
    log.write('error', `${code}: ${message} (${hint})`);
    for (let cause: unknown = thrown; cause instanceof Error; cause = cause.cause) {
      log.write('debug', cause.stack ?? cause.message);
    }
    for (const finding of await log.close()) run.sayUnlogged(finding);
    throw thrown;
  }
  log.write(exit === 0 ? 'info' : 'warn', `${job.verb} ended with exit code ${String(exit)}`);
  const unlogged = await log.close();
  for (const finding of unlogged) run.sayUnlogged(finding);
  return exit === 0 && unlogged.length > 0 ? 3 : exit;
}

export function levelOf({ severity }: Pick<Finding, 'severity'>): LogLevel {
  return severity === 'blocking' ? 'error' : severity === 'warning' ? 'warn' : 'info';
}

export function findingText({ message, hint }: Finding): string {
  return `${message}${hint === '' ? '' : ` (${hint})`}`;
}

/** Bytes are for progress lines only. */
export function logProgress(log: Pick<RunLog, 'write'>, event: ProgressEvent): void {
  if (event.kind === 'step') log.write('info', event.text);
  else if (event.kind === 'note') log.write(event.level, event.text);
}
