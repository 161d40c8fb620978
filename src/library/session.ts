/**
 * One call of the library: its signal, its events, its errors. A call that is aborted, or whose instance is closed, ends only
 * when all it had begun is cleaned up.
 */

import { assemble, subscriptionsOf } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LoadRequest } from '../config/sources.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { Finding } from '../domain/finding.ts';
import type { RunVerb } from '../domain/run.ts';
import type { Work } from '../domain/work.ts';
import { findingText, levelOf, logProgress, runLogged } from '../jobs/logged-run.ts';
import { subjectOf } from '../answers/run-subject.ts';
import type { Parts } from '../operations/parts.ts';
import { asError, isRefusal } from '../requests/as-error.ts';
import type { Settled } from '../requests/choose.ts';
import { systemErrors } from '../system/errors.ts';
import { readVersion } from '../system/version.ts';
import { wallClock } from '../system/wall-clock.ts';
import { libraryErrors } from './errors.ts';
import { eventsFrom, type HoldfastEvent } from './events.ts';

/** What every call takes. */
export interface CallOptions {
  /** Stops the call; it rejects with `interrupted`, once everything is cleaned up. */
  readonly signal?: AbortSignal;
  /** Hears of steps, progress and findings. What it throws stops the call. */
  readonly onEvent?: (event: HoldfastEvent) => void;
}

/** An answer, and what is to be weighed about it: nothing of severity `blocking`, that would have been thrown. */
export type Weighed<T> = T & { readonly findings: readonly Finding[] };

/** What the body of a call works with. */
export interface Call extends Settled {
  readonly request: LoadRequest;
  readonly configured: Configuration;
  weigh(findings: readonly Finding[]): void;
  /** What is known already, for the record of a run that may yet fail. */
  learn(answer: object): void;
}

export interface Session {
  readonly configuration: Configuration;
  /** Runs the body; the answer gets the findings that were weighed. */
  call<T extends object>(options: CallOptions, body: (call: Call) => Promise<T>): Promise<T>;
  /** The same for what belongs into the run journal: with metrics, log and messages, as the settings say. */
  run<T extends object>(
    run: { readonly verb: RunVerb; readonly database: string | undefined },
    options: CallOptions,
    body: (call: Call) => Promise<T>,
  ): Promise<Weighed<T>>;
  /** Aborts what still runs, and waits for it. */
  close(): Promise<void>;
}

export function openSession(configuration: Configuration, request: LoadRequest): Session {
  const { environment } = request;
  const running = new Map<AbortController, Promise<unknown>>();
  let isClosed = false;

  const within = async <T>(
    options: CallOptions,
    body: (call: Call, tell: (event: HoldfastEvent) => void) => Promise<T>,
  ): Promise<T> => {
    if (isClosed) throw libraryErrors.make('closed', 'this instance of Holdfast is closed');
    const controller = new AbortController();
    const ended = Promise.withResolvers<undefined>();
    running.set(controller, ended.promise);
    const { signal } = controller;
    const onAbort = (): void => {
      controller.abort(systemErrors.make('interrupted', 'stopped by the caller', { cause: options.signal?.reason }));
    };
    if (options.signal?.aborted === true) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
    const tell = (event: HoldfastEvent): void => {
      try {
        options.onEvent?.(event);
      } catch (cause) {
        controller.abort(libraryErrors.make('listener-failed', 'the listener of events threw', { cause }));
      }
    };
    const work: Work = { signal, report: eventsFrom(wallClock, tell) };
    let parts: Parts | null = null;
    const call: Call = {
      work,
      request: { ...request, signal },
      configured: configuration,
      configuration: () => Promise.resolve(configuration),
      parts: () =>
        Promise.resolve((parts ??= assemble(configuration, { environment, version: readVersion(), signal }))),
      weigh: (findings) => {
        for (const finding of findings) tell({ kind: 'finding', finding });
      },
      learn: () => undefined,
    };
    try {
      signal.throwIfAborted();
      return await body(call, tell);
    } catch (thrown) {
      throw asError(thrown, signal);
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      running.delete(controller);
      ended.resolve(undefined);
    }
  };

  return {
    configuration,
    call: (options, body) => within(options, body),
    run: ({ verb, database }, options, body) =>
      within(options, async (call, tell) => {
        const parts = await call.parts();
        const { record } = configuration;
        const all: Finding[] = [];
        const say = (finding: Finding): void => {
          all.push(finding);
          tell({ kind: 'finding', finding });
        };
        const tools = { ...parts, ...record, subscriptions: await subscriptionsOf(configuration.notify) };
        let answer: Awaited<ReturnType<typeof body>> | undefined;
        await runLogged(
          {
            log: { file: record.logFile, syslog: record.syslog, level: record.logLevel },
            clock: wallClock,
            job: (log) => ({
              verb,
              database: database ?? onlyName(configuration),
              repository: configuration.repository.path,
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
                say(finding);
              },
            }),
            sayUnlogged: say,
          },
          tools,
          async (open, log, findings): Promise<ExitCode> => {
            const weigh = (found: readonly Finding[]): void => {
              for (const finding of found) {
                open.weigh(finding);
                log.write(levelOf(finding), findingText(finding));
                say(finding);
              }
            };
            weigh(findings);
            const report: Work['report'] = (event) => {
              logProgress(log, event);
              call.work.report(event);
            };
            const learn = (known: object): void => {
              open.learn(subjectOf(verb, { ...known }));
            };
            answer = await body({ ...call, weigh, learn, work: { ...call.work, report } });
            learn(answer);
            return exitCodeOf(all);
          },
        );
        if (answer === undefined) throw new TypeError('a run that ended well gave no answer');
        return { ...answer, findings: all };
      }),
    close: async () => {
      isClosed = true;
      for (const controller of running.keys()) {
        controller.abort(systemErrors.make('interrupted', 'stopped: the instance was closed'));
      }
      await Promise.all(running.values());
    },
  };
}

function onlyName({ databases }: Configuration): string | null {
  return databases.length === 1 ? (databases[0]?.name ?? null) : null;
}
