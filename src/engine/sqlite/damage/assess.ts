/** `doctor --damage` for a SQLite file: every table read page by page, every index checked, on a copy. */

import type { Clock } from '../../../domain/clock.ts';
import type { DamageReport } from '../../../domain/damage.ts';
import type { Work } from '../../../domain/work.ts';
import { runJob } from '../job/run-job.ts';
import type { DatabaseFile } from '../target/database-file.ts';
import { copyAside } from './private-copy.ts';

export async function assessDamage(file: DatabaseFile, clock: Clock, work: Work): Promise<DamageReport> {
  await using copy = await copyAside(file, 1, work);
  const begunMs = clock.monotonicMs();
  const read = await runJob('damage', { path: copy.path, output: null }, work);
  const { tables, indexes, failures } = read;
  return {
    tables,
    indexes,
    failures,
    findings: [...file.findings, ...copy.findings, ...read.findings],
    readBytes: copy.sizeBytes,
    readMs: clock.monotonicMs() - begunMs,
  };
}
