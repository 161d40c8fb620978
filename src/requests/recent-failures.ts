/** What went wrong lately, from the run journal of this machine: runs that failed, were interrupted, or died. */

import type { SeenRun } from '../domain/run-history.ts';
import { readRuns } from '../jobs/run-journal.ts';
import type { Settled } from './choose.ts';

const lookBackMs = 7 * 24 * 3_600_000;

/** Newest first, of seven days. Null: of every database. */
export async function findRecentFailures(
  database: string | null,
  settled: Pick<Settled, 'configuration' | 'parts'>,
): Promise<readonly SeenRun[]> {
  const { repository } = await settled.configuration();
  const { stateDirectory, clock, host } = await settled.parts();
  const now = clock.now();
  return (await readRuns(stateDirectory, { clock, host })).filter(
    (run) =>
      ['failed', 'interrupted', 'died'].includes(run.outcome) &&
      run.start.repository === repository.path &&
      (database === null || [null, database].includes(databaseOf(run))) &&
      now.getTime() - Date.parse(run.start.started) < lookBackMs,
  );
}

/** As it turned out; else as it was known when the run began. */
export function databaseOf({ start, record }: SeenRun): string | null {
  return record?.database ?? start.database;
}
