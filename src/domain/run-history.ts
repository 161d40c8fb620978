/** From the lines of the journal to runs: what began and never ended is running, or died. */

import { withFindings, type RunOutcome, type RunRecord, type RunStart } from './run.ts';
import type { JournalEntry } from './run-schema.ts';

export interface SeenRun {
  readonly start: RunStart;
  /** `died`: its process is gone and left no end. */
  readonly outcome: RunOutcome | 'running' | 'died';
  /** Null while it runs, and for one that died. */
  readonly record: RunRecord | null;
}

export interface Onlooker {
  readonly host: string;
  readonly now: Date;
  readonly isAlive: (pid: number, startedTicks: number | null) => boolean;
}

/** Of another host's processes nothing can be seen; after a day without an end they are taken for dead. */
const foreignPatienceMs = 24 * 3_600_000;

/** Newest first. */
export function foldRuns(entries: readonly JournalEntry[], onlooker: Onlooker): readonly SeenRun[] {
  const runs = new Map<string, { start: RunStart; record: RunRecord | null }>();
  for (const entry of entries) {
    const known = runs.get(entry.id);
    if (entry.event === 'told') {
      if (known?.record) known.record = withFindings(known.record, entry.findings);
      continue;
    }
    const { event, ...facts } = entry;
    runs.set(entry.id, { start: facts, record: event === 'end' ? (facts as RunRecord) : (known?.record ?? null) });
  }
  return [...runs.values()]
    .map(({ start, record }) => ({ start, record, outcome: record?.outcome ?? judge(start, onlooker) }))
    .toSorted((one, other) => Date.parse(other.start.started) - Date.parse(one.start.started));
}

function judge(start: RunStart, { host, now, isAlive }: Onlooker): 'running' | 'died' {
  if (start.host === host) return isAlive(start.pid, start.startedTicks) ? 'running' : 'died';
  return now.getTime() - Date.parse(start.started) > foreignPatienceMs ? 'died' : 'running';
}
