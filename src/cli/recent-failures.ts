/** What went wrong lately, from the run journal of this machine: runs that failed, were interrupted, or died. */

import type { SeenRun } from '../domain/run-history.ts';
import { readRuns } from '../jobs/run-journal.ts';
import type { Context } from './command.ts';
import { formatAge, printable } from './output/format.ts';
import type { Style } from './output/style.ts';

const shown = 5;
const lookBackMs = 7 * 24 * 3_600_000;

/** Null: of every database. */
export async function showRecentFailures(database: string | null, context: Context): Promise<void> {
  const { output } = context;
  const { repository } = await context.configuration();
  const { stateDirectory, clock, host } = await context.parts();
  const now = clock.now();
  const failures = (await readRuns(stateDirectory, { clock, host })).filter(
    (run) =>
      ['failed', 'interrupted', 'died'].includes(run.outcome) &&
      run.start.repository === repository.path &&
      (database === null || [null, database].includes(databaseOf(run))) &&
      now.getTime() - Date.parse(run.start.started) < lookBackMs,
  );
  for (const run of failures.slice(0, shown)) output.emit({ type: 'run', ...factsOf(run) });
  if (failures.length === 0) return;
  const more = failures.length - shown;
  output.print([
    '',
    output.style.bold('Recent failures'),
    ...failures.slice(0, shown).map((run) => `  ${lineOf(run, now, output.style)}`),
    ...(more > 0 ? [output.style.dim(`  and ${String(more)} more within 7 days`)] : []),
  ]);
}

function databaseOf({ start, record }: SeenRun): string | null {
  return record?.database ?? start.database;
}

function lineOf(run: SeenRun, now: Date, style: Style): string {
  const { start, record, outcome } = run;
  const age = formatAge(Math.max(0, now.getTime() - Date.parse(start.started)));
  const name = databaseOf(run);
  const why = record?.error?.message ?? (outcome === 'died' ? 'its process ended without a word' : '');
  const what = `${start.verb}${name === null ? '' : ` of ${name}`}`;
  return `${what} ${style.bad(outcome)} ${age}${why === '' ? '' : `: ${printable(why.replaceAll('\n', '; '))}`}`;
}

function factsOf(run: SeenRun): Readonly<Record<string, unknown>> {
  const { start, record, outcome } = run;
  return {
    id: start.id,
    verb: start.verb,
    database: databaseOf(run),
    outcome,
    started: start.started,
    durationMs: record?.durationMs ?? null,
    exit: record?.exit ?? null,
    error: record?.error ?? null,
    backup: record?.backup ?? null,
  };
}
