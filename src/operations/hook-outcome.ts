/** Steps that run at the end, whatever happened: also after Ctrl-C, and never hiding why the run failed. */

import { HoldfastError, messageOf } from '../domain/error.ts';
import type { HookFacts, HookPoint, Hooks } from '../domain/hook.ts';
import type { Work } from '../domain/work.ts';
import { runHooks } from './hooks.ts';

/** What steps are told about a failure. */
export function outcomeOf(thrown: unknown, signal: AbortSignal): Pick<HookFacts, 'outcome' | 'error'> {
  const error = thrown instanceof HoldfastError ? thrown.code : 'internal-error';
  return { outcome: signal.aborted ? 'interrupted' : 'failed', error };
}

/** Every point is run, also behind one that failed. Throws the first failure, unless the run has failed for another reason. */
export async function runLast(
  points: readonly HookPoint[],
  facts: HookFacts,
  run: { readonly hooks: Hooks; readonly url: string; readonly work: Work; readonly isOnlySaid: boolean },
): Promise<void> {
  const { hooks, url, work, isOnlySaid } = run;
  // What has been interrupted is the run; these steps put back what it had changed around it.
  const unbound: Work = { ...work, signal: work.signal.aborted ? new AbortController().signal : work.signal };
  const failures: unknown[] = [];
  for (const point of points) {
    try {
      await runHooks(hooks, point, facts, url, unbound);
    } catch (thrown) {
      failures.push(thrown);
      if (isOnlySaid || failures.length > 1) work.report({ kind: 'note', level: 'warn', text: messageOf(thrown) });
    }
  }
  if (failures.length > 0 && !isOnlySaid) throw failures[0];
}
