/** Runs the steps of a team's own. Their output goes into the run's log, each line with the name of its hook before it. */

import { formatDuration } from '../domain/amounts.ts';
import {
  describeStep,
  stepEnvironment,
  withoutSecrets,
  type HookFacts,
  type HookPoint,
  type Hooks,
  type HookStep,
} from '../domain/hook.ts';
import type { Work } from '../domain/work.ts';
import { runStep, type StepEnd } from '../system/run-step.ts';
import { operationErrors } from './errors.ts';

/** Lines of output that an error repeats. */
const linesInError = 5;

/** For plans: `run beforeSwap: pm2 stop app`. */
export function hookSteps(hooks: Hooks | undefined, point: HookPoint): readonly string[] {
  return (hooks?.steps[point] ?? []).map((step) => `run ${point}: ${describeStep(step)}`);
}

/** One after the other; throws `hook-failed` at the first that fails, or the interruption. */
export async function runHooks(
  hooks: Hooks | undefined,
  point: HookPoint,
  facts: HookFacts,
  url: string,
  work: Work,
): Promise<void> {
  if (hooks === undefined) return;
  for (const step of hooks.steps[point]) await runOne(step, point, facts, { hooks, url }, work);
}

async function runOne(
  step: HookStep,
  point: HookPoint,
  facts: HookFacts,
  { hooks, url }: { readonly hooks: Hooks; readonly url: string },
  work: Work,
): Promise<void> {
  const what = describeStep(step);
  const surrounding = { variables: hooks.environment, url };
  const { variables, secrets, missing } = stepEnvironment(point, step, facts, surrounding);
  if (missing.length > 0) {
    throw operationErrors.make('hook-failed', `${point} (${what}) asks for ${missing.join(', ')}, which is not set`);
  }
  work.report({ kind: 'step', text: `${point}: ${what}` });
  const last: string[] = [];
  const end = await runStep(
    {
      ...commandOf(step),
      cwd: hooks.cwd,
      env: variables,
      timeoutMs: step.timeoutMs,
      onLine: (line) => {
        const shown = withoutSecrets(line, secrets);
        last.push(shown);
        if (last.length > linesInError) last.shift();
        work.report({ kind: 'note', level: 'info', text: `[${point}] ${shown}` });
      },
    },
    work.signal,
  );
  if (end.interrupted) work.signal.throwIfAborted();
  if (end.code === 0) return;
  const said = last.length === 0 ? '' : `: ${last.join('; ')}`;
  throw operationErrors.make('hook-failed', `${point} (${what}) ${describeEnd(end, step)}${said}`);
}

function commandOf({ command }: HookStep): { readonly command: string; readonly args: readonly string[] } {
  if (command.kind === 'shell') return { command: '/bin/sh', args: ['-c', command.line] };
  const [program = '', ...args] = command.argv;
  return { command: program, args };
}

function describeEnd(end: StepEnd, { timeoutMs }: HookStep): string {
  if (end.notStarted !== null) return `could not be started: ${end.notStarted}`;
  if (end.timedOut) return `took longer than ${formatDuration(timeoutMs)} and was ended`;
  return end.signal === null ? `ended with exit code ${String(end.code)}` : `was ended by ${end.signal}`;
}
