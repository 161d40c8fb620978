/** The steps of a restore in their order: the engine's, with a safety backup and the team's own between them. */

import type { Hooks } from '../domain/hook.ts';
import type { RestorePlan as EnginePlan } from '../engine/engine.ts';
import { hookSteps } from './hooks.ts';

const safetyStep = 'take a safety backup of the present state (label safety)';

/** In place the tables are locked first, so that the safety backup is exactly what will be replaced. */
export function restoreSteps(
  { steps, request }: EnginePlan,
  { hooks, safety }: { readonly hooks?: Hooks; readonly safety?: unknown },
): readonly string[] {
  const at = (point: Parameters<typeof hookSteps>[1]): readonly string[] => hookSteps(hooks, point);
  const saving = safety === undefined ? [] : [safetyStep];
  const inPlace = request.destination.kind === 'in-place';
  const middle = inPlace
    ? [...at('beforeSwap'), ...steps.slice(0, 1), ...saving, ...steps.slice(1)]
    : [...saving, ...steps.slice(0, -1), ...at('beforeSwap'), ...steps.slice(-1)];
  return [...at('beforeRestore'), ...middle, ...at('afterSwap'), ...at('afterRestore')];
}
