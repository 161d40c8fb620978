/**
 * The calls of an instance that are running: each with its signal, its events, its errors. A call that is aborted, or whose instance is
 * closed, ends only when all it had begun is cleaned up.
 */

import { assemble } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LoadRequest } from '../config/sources.ts';
import type { ExitCode } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Parts } from '../operations/parts.ts';
import { asError } from '../requests/as-error.ts';
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

/** What the body of a call works with. */
export interface Call extends Settled {
  readonly request: LoadRequest;
  readonly configured: Configuration;
  weigh(findings: readonly Finding[]): void;
  /** What is known already, for the record of a run that may yet fail. */
  learn(answer: object): void;
  /** What the record of the run says, where an answer is no success: the exit code of the command. */
  endWith(exit: ExitCode): void;
}

export type Tell = (event: HoldfastEvent) => void;

export class Calls {
  readonly #configuration: Configuration;
  readonly #request: LoadRequest;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  #isClosed = false;

  constructor(configuration: Configuration, request: LoadRequest) {
    this.#configuration = configuration;
    this.#request = request;
  }

  async within<T>(options: CallOptions, body: (call: Call, tell: Tell) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw libraryErrors.make('closed', 'this instance of Holdfast is closed');
    const controller = new AbortController();
    const ended = Promise.withResolvers<undefined>();
    this.#running.set(controller, ended.promise);
    const { signal } = controller;
    const onAbort = (): void => {
      controller.abort(systemErrors.make('interrupted', 'stopped by the caller', { cause: options.signal?.reason }));
    };
    if (options.signal?.aborted === true) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
    const tell = tellOf(options, controller);
    try {
      signal.throwIfAborted();
      return await body(this.#makeCall(signal, tell), tell);
    } catch (thrown) {
      throw asError(thrown, signal);
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      this.#running.delete(controller);
      ended.resolve(undefined);
    }
  }

  /** Aborts what still runs, and waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#running.keys()) {
      controller.abort(systemErrors.make('interrupted', 'stopped: the instance was closed'));
    }
    await Promise.all(this.#running.values());
  }

  #makeCall(signal: AbortSignal, tell: Tell): Call {
    const configuration = this.#configuration;
    const { environment } = this.#request;
    let parts: Parts | null = null;
    return {
      work: { signal, report: eventsFrom(wallClock, tell) },
      request: { ...this.#request, signal },
      configured: configuration,
      configuration: () => Promise.resolve(configuration),
      parts: async () =>
        Promise.resolve((parts ??= assemble(configuration, { environment, version: readVersion(), signal }))),
      weigh: (findings) => {
        for (const finding of findings) tell({ kind: 'finding', finding });
      },
      learn: () => undefined,
      endWith: () => undefined,
    };
  }
}

function tellOf({ onEvent }: CallOptions, controller: AbortController): Tell {
  return (event) => {
    try {
      onEvent?.(event);
    } catch (cause) {
      controller.abort(libraryErrors.make('listener-failed', 'the listener of events threw', { cause }));
    }
  };
}
