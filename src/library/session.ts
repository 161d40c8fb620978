/** How an instance works: calls as they are, and those that belong into the run journal. */

import { subjectOf } from '../answers/run-subject.ts';
import { subscriptionsOf } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LoadRequest } from '../config/sources.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { Finding } from '../domain/finding.ts';
import type { RunVerb } from '../domain/run.ts';
import type { ProgressEvent } from '../domain/work.ts';
import { findingText, levelOf, logProgress, runLogged } from '../jobs/logged-run.ts';
import type { Job, OpenRun } from '../jobs/run-job.ts';
import type { RunLog } from '../jobs/run-log.ts';
import { asError, isRefusal } from '../requests/as-error.ts';
import { databaseOfRun } from '../requests/run-database.ts';
import { wallClock } from '../system/wall-clock.ts';
import { Calls, type Call, type CallOptions } from './calls.ts';

/** An answer, and what is to be weighed about it: nothing of severity `blocking`, that would have been thrown. */
export type Weighed<T> = T & { readonly findings: readonly Finding[] };

export interface Session {
  /** Runs the body. */
  call<T>(options: CallOptions, body: (call: Call) => Promise<T>): Promise<T>;
  /** The same for what belongs into the run journal: with metrics, log and messages, as the settings say. */
  run<T extends object>(about: RunAbout, options: CallOptions, body: (call: Call) => Promise<T>): Promise<Weighed<T>>;
  /** Aborts what still runs, and waits for it. */
  close(): Promise<void>;
}

export interface RunAbout {
  readonly verb: RunVerb;
  /** As far as the caller said. */
  readonly database: string | undefined;
  /** It is about every database of a server. */
  readonly isServer?: boolean;
}

export function openSession(configuration: Configuration, request: LoadRequest): Session {
  const calls = new Calls(configuration, request);
  return {
    call: (options, body) => calls.within(options, body),
    run: (about, options, body) =>
      calls.within(options, async (call, tell) => {
        const findings: Finding[] = [];
        const say = (finding: Finding): void => {
          findings.push(finding);
          tell({ kind: 'finding', finding });
        };
        return { ...(await recorded(about, call, { findings, say }, body)), findings };
      }),
    close: () => calls.close(),
  };
}

interface Said {
  readonly findings: readonly Finding[];
  say(finding: Finding): void;
}

async function recorded<T extends object>(
  about: RunAbout,
  call: Call,
  said: Said,
  body: (call: Call) => Promise<T>,
): Promise<T> {
  const { record, notify } = call.configured;
  const tools = { ...(await call.parts()), ...record, subscriptions: await subscriptionsOf(notify) };
  const run = {
    log: { file: record.logFile, syslog: record.syslog, level: record.logLevel },
    clock: wallClock,
    job: (log: RunLog) => jobOf(about, call, said, log),
    sayUnlogged: (finding: Finding) => {
      said.say(finding);
    },
  };
  const kept: { answer: T | null; exit: ExitCode | null } = { answer: null, exit: null };
  await runLogged(run, tools, async (open, log, findings) => {
    const heard: Call = {
      ...heardCall(about, call, said, { open, log }),
      endWith: (exit) => {
        kept.exit = exit;
      },
    };
    heard.weigh(findings);
    kept.answer = await body(heard);
    heard.learn(kept.answer);
    return kept.exit ?? exitCodeOf(said.findings);
  });
  if (kept.answer === null) throw new TypeError('a run that ended well gave no answer');
  return kept.answer;
}

function jobOf({ verb, database, isServer = false }: RunAbout, call: Call, said: Said, log: RunLog): Job {
  const { databases, repository } = call.configured;
  const known = databaseOfRun(database, isServer, databases);
  return {
    verb,
    database: isServer ? known : (database ?? known),
    repository: repository.path,
    errorOf: (thrown) => asError(thrown, call.work.signal),
    isRefusal,
    // What a program does wrong is to be heard of, as with a timetable.
    isWatched: false,
    report: (event) => {
      logProgress(log, event);
      call.work.report(event);
    },
    say: (finding) => {
      log.write(levelOf(finding), findingText(finding));
      said.say(finding);
    },
  };
}

/** The call whose words go into the log and the record as well. */
function heardCall(
  { verb }: RunAbout,
  call: Call,
  said: Said,
  { open, log }: { readonly open: OpenRun; readonly log: RunLog },
): Call {
  return {
    ...call,
    work: {
      signal: call.work.signal,
      report: (event: ProgressEvent) => {
        logProgress(log, event);
        call.work.report(event);
      },
    },
    weigh: (findings) => {
      for (const finding of findings) {
        open.weigh(finding);
        log.write(levelOf(finding), findingText(finding));
        said.say(finding);
      }
    },
    learn: (answer) => {
      open.learn(subjectOf(verb, { ...answer }));
    },
  };
}
