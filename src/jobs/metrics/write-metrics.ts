/** Writes the JSON record of a run, and beside it `F.prom`; each is whole at every moment. */

import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { HoldfastError } from '../../domain/error.ts';
import type { RunRecord } from '../../domain/run.ts';
import { writeFileDurably } from '../../system/atomic-file.ts';
import { acquireLock, type FileLock } from '../../system/file-lock.ts';
import { metricsRecord } from './metrics-record.ts';
import { updatedMetrics } from './prometheus-text.ts';

export interface MetricsPlace {
  /** An absolute path. */
  readonly metricsFile: string;
  readonly retentionDays: number | null;
  readonly stateDirectory: string;
  readonly clock: Clock;
}

/** node_exporter is another user; there is nothing secret in them. */
const fileMode = 0o644;
const patienceMs = 5000;
const retryMs = 50;

/** Throws what the file system throws, and `locked` when other runs write there all the time. */
export async function writeMetrics(run: RunRecord, place: MetricsPlace): Promise<void> {
  const { metricsFile, retentionDays } = place;
  const record = metricsRecord(run, retentionDays);
  await writeFileDurably(metricsFile, `${JSON.stringify(record, null, 2)}\n`, fileMode);
  const path = `${metricsFile}.prom`;
  // Reading and writing belong together: two runs that end at once would lose the one or the other's success.
  await using _lock = await lockFor(path, place);
  await writeFileDurably(path, updatedMetrics(await presentText(path), run), fileMode);
}

async function lockFor(path: string, { stateDirectory, clock }: MetricsPlace): Promise<FileLock> {
  const folder = join(stateDirectory, 'locks');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  const holder = { command: 'write metrics', pid: process.pid, since: clock.now().toISOString() };
  const lastMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await acquireLock(join(folder, `metrics-${name}.lock`), holder);
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError) || thrown.code !== 'locked' || clock.monotonicMs() > lastMs) throw thrown;
    }
    await clock.sleep(retryMs, new AbortController().signal);
  }
}

async function presentText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  }
}
