/**
 * The steps of a team's own around a restore. Those before it stop it before any harm; those behind the swap make the run fail,
 * and undo nothing unless that was asked for. What starts the application again (afterRestore) runs whatever happened, as
 * soon as a step before it was begun, unless no usable database is left.
 */

import { messageOf, type HoldfastError } from '../domain/error.ts';
import type { HookFacts, HookPoint, Hooks } from '../domain/hook.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, TargetSpec } from '../engine/engine.ts';
import { outcomeOf, runLast } from './hook-outcome.ts';
import { runHooks } from './hooks.ts';
import { operationErrors } from './errors.ts';

export interface RestoreSurroundings {
  readonly hooks?: Hooks;
  readonly undoOnFailure?: boolean;
  readonly target: TargetSpec;
  readonly engine: Engine;
  /** The name in the repository. */
  readonly database: string;
  readonly backup: string;
}

interface Ended {
  readonly outcome: string;
  readonly keptAs: string | null;
  readonly hookFailure: HoldfastError | null;
}

/** `action` calls back when the present database is about to be replaced. */
export async function aroundRestore<T extends Ended>(
  around: RestoreSurroundings,
  work: Work,
  action: (beforeSwap: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { hooks } = around;
  if (hooks === undefined) return action(async () => Promise.resolve());
  const steps = new RestoreHooks(around, hooks, work);
  let result: T;
  try {
    await steps.run('beforeRestore');
    result = await action(() => steps.run('beforeSwap'));
  } catch (thrown) {
    await steps.end(outcomeOf(thrown, work.signal));
    throw thrown;
  }
  if (result.outcome !== 'restored') {
    await steps.end({ outcome: 'failed', error: result.outcome });
    return result;
  }
  const hookFailure = await steps.afterSwap(result.keptAs);
  await steps.end(hookFailure === null ? { outcome: 'done', error: null } : outcomeOf(hookFailure, work.signal));
  return { ...result, hookFailure };
}

class RestoreHooks {
  readonly #around: RestoreSurroundings;
  readonly #hooks: Hooks;
  readonly #work: Work;
  #isBegun = false;

  constructor(around: RestoreSurroundings, hooks: Hooks, work: Work) {
    this.#around = around;
    this.#hooks = hooks;
    this.#work = work;
  }

  async run(point: HookPoint): Promise<void> {
    if (this.#hooks.steps[point].length > 0) this.#isBegun = true;
    await runHooks(this.#hooks, point, this.#facts, this.#around.target.url, this.#work);
  }

  /** What failed; the database is restored all the same, unless it was to be swapped back then. */
  async afterSwap(keptAs: string | null): Promise<HoldfastError | null> {
    this.#isBegun = true;
    try {
      await this.run('afterSwap');
      return null;
    } catch (thrown) {
      const isUndone = this.#around.undoOnFailure === true && keptAs !== null;
      const now = isUndone ? await this.#undo() : 'the restored database is in place';
      return operationErrors.make('hook-failed', `${messageOf(thrown)}; ${now}`, { cause: thrown });
    }
  }

  /** What is in place then, in words: also when that fails, what starts the application has to follow. */
  async #undo(): Promise<string> {
    try {
      await this.#around.engine.undo(unbound(this.#work));
      return 'the replaced database was swapped back (--undo-on-failure)';
    } catch (thrown) {
      return `it could not be swapped back (${messageOf(thrown)}); the restored database is in place`;
    }
  }

  async end(outcome: Pick<HookFacts, 'outcome' | 'error'>): Promise<void> {
    const hasFailed = outcome.outcome !== 'done';
    const points: HookPoint[] = [];
    if (this.#isBegun && (!hasFailed || (await this.#isUsable()))) points.push('afterRestore');
    if (hasFailed) points.push('onFailure');
    const run = { hooks: this.#hooks, url: this.#around.target.url, work: this.#work, isOnlySaid: hasFailed };
    await runLast(points, { ...this.#facts, ...outcome }, run);
  }

  get #facts(): HookFacts {
    const { database, backup } = this.#around;
    return { operation: 'restore', database, backup, outcome: 'running', error: null };
  }

  /** An application that is started without a database does more harm than one that stays stopped. */
  async #isUsable(): Promise<boolean> {
    if (this.#hooks.steps.afterRestore.length === 0) return false;
    try {
      const { sizeBytes } = await this.#around.engine.inspect('restore', unbound(this.#work));
      if (sizeBytes !== null) return true;
      this.#sayUnusable('it is not there');
    } catch (thrown) {
      this.#sayUnusable(messageOf(thrown));
    }
    return false;
  }

  #sayUnusable(why: string): void {
    const text = `afterRestore was not run: there is no usable database (${why})`;
    this.#work.report({ kind: 'note', level: 'warn', text });
  }
}

const patienceMs = 60_000;

/** Not bound to the run, which may have been interrupted. */
function unbound(work: Work): Work {
  return { ...work, signal: AbortSignal.timeout(patienceMs) };
}
