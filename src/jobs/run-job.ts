/**
 * Runs one operation and keeps its record, whichever door it came through: a line in the run journal when it begins and when
 * it ends, metrics, and messages to whoever wants to know. What goes wrong with any of these is a warning; a failed run
 * stays what it is, and a successful one is never made a failure.
 */

import type { Clock } from '../domain/clock.ts';
import { compactTime } from '../domain/clock.ts';
import { messageOf as textOf, type ExitCode, type HoldfastError } from '../domain/error.ts';
import { hasWarnings, type Finding } from '../domain/finding.ts';
import {
  unknownSubject,
  withFindings,
  type RunOutcome,
  type RunRecord,
  type RunStart,
  type RunSubject,
  type RunVerb,
} from '../domain/run.ts';
import type { ProgressEvent } from '../domain/work.ts';
import type { Subscription } from '../notify/channel.ts';
import { messageOf } from '../notify/message.ts';
import { tellBeginning, tellSubscribers } from '../notify/tell.ts';
import { processStartTicks } from '../system/process-alive.ts';
import { writeMetrics } from './metrics/write-metrics.ts';
import { appendToJournal } from './run-journal.ts';

export interface Job {
  readonly verb: RunVerb;
  /** As far as it is known beforehand. */
  readonly database: string | null;
  readonly repository: string | null;
  /** What the caller will answer with for what was thrown. */
  errorOf(thrown: unknown): HoldfastError;
  /** Nothing was begun (declined, mistyped): not a failure, and nobody else's business. */
  isRefusal(error: HoldfastError): boolean;
  /**
   * Somebody sits there: what they mistype or interrupt is their business alone. The same mistake made by a timetable (a
   * database that is called otherwise now) is a failure that nobody sees.
   */
  readonly isWatched: boolean;
  /** Called with what is found after the work: whom nobody could tell, what could not be written. */
  say(finding: Finding): void;
  /** What is being done after the work. */
  report(event: ProgressEvent): void;
}

export interface JobTools {
  readonly clock: Clock;
  readonly host: string;
  readonly writer: string;
  readonly stateDirectory: string;
  random(): string;
  readonly subscriptions: readonly Subscription[];
  /** Null: none is written. */
  readonly metricsFile: string | null;
  readonly retentionDays: number | null;
}

/** What an operation tells of itself while it runs. */
export interface OpenRun {
  readonly id: string;
  /** What is given replaces what was known. */
  learn(facts: Partial<RunSubject>): void;
  weigh(finding: Finding): void;
}

/** The action's exit code; 3 in place of 0 when something about the record was to be weighed. Throws what the action throws. */
export async function runJob(
  job: Job,
  tools: JobTools,
  action: (run: OpenRun) => Promise<ExitCode>,
): Promise<ExitCode> {
  const begunMs = tools.clock.monotonicMs();
  const start = beginningOf(job, tools);
  const unwritten = await findingOf('journal-not-written', 'the run journal', () =>
    appendToJournal(tools.stateDirectory, { event: 'start', ...start }),
  );
  const beginning = tellBeginning(tools.subscriptions, start);
  let subject: RunSubject = { ...unknownSubject, database: job.database };
  const findings: Finding[] = [];
  const run: OpenRun = {
    id: start.id,
    learn: (facts) => {
      subject = { ...subject, ...facts };
    },
    weigh: (finding) => {
      findings.push(finding);
    },
  };
  const end = async (exit: ExitCode, error: HoldfastError | null): Promise<ExitCode> => {
    const notBegun = await beginning.end();
    const record: RunRecord = {
      ...start,
      ...subject,
      finished: tools.clock.now().toISOString(),
      durationMs: Math.round(tools.clock.monotonicMs() - begunMs),
      outcome: outcomeOf(exit, error, job),
      exit,
      error: error === null ? null : { code: error.code, message: error.message, hint: error.hint },
      findings,
    };
    return endRun(record, [...unwritten, ...notBegun], job, tools);
  };
  let exit: ExitCode;
  try {
    const answered = await action(run);
    exit = answered === 0 && hasWarnings(findings) ? 3 : answered;
  } catch (thrown) {
    const error = job.errorOf(thrown);
    await end(error.exit, error);
    throw thrown;
  }
  return end(exit, null);
}

/** What is slow and not ours, the messages, comes last: by then all that this machine keeps is written. */
async function endRun(record: RunRecord, before: readonly Finding[], job: Job, tools: JobTools): Promise<ExitCode> {
  const { metricsFile, retentionDays, stateDirectory, clock } = tools;
  const found = [...before];
  if (metricsFile !== null && record.outcome !== 'refused') {
    const write = (): Promise<void> => writeMetrics(record, { metricsFile, retentionDays, stateDirectory, clock });
    found.push(...(await findingOf('metrics-not-written', metricsFile, write)));
  }
  const known = withFindings(record, found);
  const unwritten = await findingOf('journal-not-written', 'the run journal', () =>
    appendToJournal(stateDirectory, { event: 'end', ...known }),
  );
  found.push(...unwritten.filter(({ message }) => !found.some((one) => one.message === message)));
  const untold = concernsOthers(record, job) ? await tell(withFindings(record, found), job, tools) : [];
  const fresh = untold.filter(({ message }) => !found.some((one) => one.message === message));
  const last = withFindings(known, fresh);
  if (fresh.length > 0 && unwritten.length === 0) {
    const entry = { event: 'told', id: record.id, exit: last.exit, findings: fresh } as const;
    found.push(
      ...(await findingOf('journal-not-written', 'the run journal', () => appendToJournal(stateDirectory, entry))),
    );
  }
  for (const finding of [...found, ...fresh]) job.say(finding);
  return record.exit === 0 && hasWarnings([...found, ...fresh]) ? 3 : record.exit;
}

function concernsOthers({ outcome }: RunRecord, { isWatched }: Job): boolean {
  return outcome !== 'refused' && !(outcome === 'interrupted' && isWatched);
}

async function tell(record: RunRecord, job: Job, { subscriptions }: JobTools): Promise<readonly Finding[]> {
  if (subscriptions.length > 0) job.report({ kind: 'step', text: 'sending messages' });
  return tellSubscribers(subscriptions, messageOf(record));
}

function beginningOf({ verb, database, repository }: Job, tools: JobTools): RunStart {
  const { clock, host, writer } = tools;
  const now = clock.now();
  return {
    id: `${compactTime(now)}-${verb}-${tools.random()}`,
    verb,
    database,
    repository,
    started: now.toISOString(),
    host,
    writer,
    pid: process.pid,
    startedTicks: processStartTicks(process.pid),
  };
}

function outcomeOf(exit: ExitCode, error: HoldfastError | null, job: Job): RunOutcome {
  if (error === null) return exit === 0 ? 'done' : exit === 3 ? 'warnings' : 'failed';
  if (job.isRefusal(error) || (job.isWatched && error.exit === 2)) return 'refused';
  return error.exit === 130 ? 'interrupted' : 'failed';
}

/** What is only kept about a run must not decide over it. */
async function findingOf(code: string, what: string, write: () => Promise<void>): Promise<readonly Finding[]> {
  try {
    await write();
    return [];
  } catch (thrown) {
    return [
      {
        severity: 'warning',
        code,
        message: `${what} could not be written: ${textOf(thrown)}`,
        hint: 'Check the folder, its permissions and its room.',
      },
    ];
  }
}
