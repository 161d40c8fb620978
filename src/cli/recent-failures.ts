/** What went wrong lately, in a few lines. */

import { failedRunAnswer } from '../answers/coverage.ts';
import type { SeenRun } from '../domain/run-history.ts';
import { databaseOf, findRecentFailures } from '../requests/recent-failures.ts';
import type { Context } from './command.ts';
import { formatAge, printable } from './output/format.ts';
import type { Style } from './output/style.ts';

const shown = 5;

/** Null: of every database. */
export async function showRecentFailures(database: string | null, context: Context): Promise<void> {
  const { output } = context;
  const now = context.clock.now();
  const failures = await findRecentFailures(database, context);
  for (const run of failures.slice(0, shown)) output.emit({ type: 'run', ...failedRunAnswer(run) });
  if (failures.length === 0) return;
  const more = failures.length - shown;
  output.print([
    '',
    output.style.bold('Recent failures'),
    ...failures.slice(0, shown).map((run) => `  ${lineOf(run, now, output.style)}`),
    ...(more > 0 ? [output.style.dim(`  and ${String(more)} more within 7 days`)] : []),
  ]);
}

function lineOf(run: SeenRun, now: Date, style: Style): string {
  const { start, record, outcome } = run;
  const age = formatAge(Math.max(0, now.getTime() - Date.parse(start.started)));
  const name = databaseOf(run);
  const why = record?.error?.message ?? (outcome === 'died' ? 'its process ended without a word' : '');
  const what = `${start.verb}${name === null ? '' : ` of ${name}`}`;
  return `${what} ${style.bad(outcome)} ${age}${why === '' ? '' : `: ${printable(why.replaceAll('\n', '; '))}`}`;
}
