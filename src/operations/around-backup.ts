/** The steps of a team's own around a backup: a failing beforeBackup stops it, afterBackup comes whatever happened. */

import { messageOf } from '../domain/error.ts';
import type { Hooks, HookFacts } from '../domain/hook.ts';
import type { Work } from '../domain/work.ts';
import type { TargetSpec } from '../engine/engine.ts';
import { operationErrors } from './errors.ts';
import { outcomeOf, runLast } from './hook-outcome.ts';
import { runHooks } from './hooks.ts';

export interface BackupSurroundings {
  readonly hooks?: Hooks;
  readonly target: TargetSpec;
  readonly database: string;
}

/** Throws `hook-failed` also when only a later step failed: then the backup is there, and the message says so. */
export async function aroundBackup<T extends { readonly manifest: { readonly id: string } }>(
  { hooks, target, database }: BackupSurroundings,
  work: Work,
  action: () => Promise<T>,
): Promise<T> {
  if (hooks === undefined) return action();
  const facts: HookFacts = { operation: 'backup', database, backup: null, outcome: 'running', error: null };
  const last = { hooks, url: target.url, work };
  let result: T;
  try {
    await runHooks(hooks, 'beforeBackup', facts, target.url, work);
    result = await action();
  } catch (thrown) {
    const failed = { ...facts, ...outcomeOf(thrown, work.signal) };
    await runLast(['afterBackup', 'onFailure'], failed, { ...last, isOnlySaid: true });
    throw thrown;
  }
  const { id } = result.manifest;
  try {
    await runLast(['afterBackup'], { ...facts, backup: id, outcome: 'done' }, { ...last, isOnlySaid: false });
  } catch (thrown) {
    const failed = { ...facts, backup: id, ...outcomeOf(thrown, work.signal) };
    await runLast(['onFailure'], failed, { ...last, isOnlySaid: true });
    throw operationErrors.make('hook-failed', `${messageOf(thrown)}; the backup ${id} is there, and whole`, {
      cause: thrown,
    });
  }
  return result;
}
