/** From what `hooks:` says to the steps of one database. */

import { hookPoints, type HookPoint, type Hooks, type HookStep } from '../domain/hook.ts';
import type { HooksEntry, StepEntry } from './hook-settings.ts';

const usualTimeoutMs = 10 * 60_000;

/** Of each point the database's own list counts, where there is one; an empty one means no step. */
export function hooksOf(
  general: HooksEntry | undefined,
  own: HooksEntry | undefined,
  place: Pick<Hooks, 'cwd' | 'environment'>,
): Hooks {
  const stepsAt = (point: HookPoint): readonly HookStep[] => (own?.[point] ?? general?.[point] ?? []).map(stepOf);
  const entries = hookPoints.map((point) => [point, stepsAt(point)] as const);
  return { steps: Object.fromEntries(entries) as Record<HookPoint, readonly HookStep[]>, ...place };
}

/** Variables that steps ask for by name. */
export function namesAsked(entry: HooksEntry | undefined): readonly string[] {
  return Object.values(entry ?? {}).flatMap((list) => (list ?? []).flatMap(({ env }) => env));
}

function stepOf(entry: StepEntry): HookStep {
  const { run, sh, timeout, env } = { sh: undefined, timeout: undefined, ...entry };
  const command =
    sh === undefined ? ({ kind: 'program', argv: run ?? [] } as const) : ({ kind: 'shell', line: sh } as const);
  return { command, timeoutMs: timeout ?? usualTimeoutMs, env };
}
