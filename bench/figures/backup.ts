/** Backing up: beside `pg_dump | gzip`, beside the three passes teams run today, with and without the fingerprint. */

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { median, takeTurns, type Alternative, type Timing } from '../measure.ts';
import { holdfast, resultOf, share, speedup, stock, type Bench, type Figure } from './figure.ts';

/** All of them take turns in every round; the three passes are the sum of their parts in the same round. */
export async function backupFigures(bench: Bench): Promise<readonly Figure[]> {
  const timings = await takeTurns(
    [
      ourBackup(bench, 'holdfast backup', 'content'),
      stockBackup(bench, 'pg_dump | gzip', 'pg_dump | gzip > baseline/x.sql.gz'),
      ourBackup(bench, 'holdfast backup --fingerprint off', 'off', '--fingerprint', 'off'),
      ourBackup(bench, 'holdfast backup --format custom,sql.zst', 'both', '--format', 'custom,sql.zst'),
      stockBackup(bench, 'pg_dump >x.sql', 'pg_dump > baseline/x.sql'),
      stockBackup(bench, 'pg_dump -Fc', 'pg_dump -Fc > baseline/x.dump'),
    ],
    bench.runs,
  );
  const [content, gzip, off, both, sql, custom] = timings;
  if (!content || !gzip || !off || !both || !sql || !custom) throw new Error('six alternatives give six timings');
  const passes = together('pg_dump >x.sql; pg_dump | gzip; pg_dump -Fc', [sql, gzip, custom]);
  return [
    speedup('whole backup with its fingerprint', content, gzip, 3),
    await sizeFigure(bench),
    speedup('SQL and custom archive together', both, passes, 5),
    share('what the fingerprint costs', content, off, 1.4),
  ];
}

async function sizeFigure(bench: Bench): Promise<Figure> {
  const stored = await storedBytes(bench, 'content');
  const zipped = (await stat(join(bench.directory, 'baseline/x.sql.gz'))).size;
  return {
    what: 'size of a whole backup',
    beside: 'pg_dump | gzip',
    value: (stored / zipped).toFixed(2),
    demand: '≤ 1.00',
    spread: '',
    reached: stored <= zipped,
  };
}

/** One after the other, round by round. */
function together(name: string, parts: readonly Timing[]): Timing {
  const rounds = parts[0]?.runsMs.length ?? 0;
  const runsMs = Array.from({ length: rounds }, (_, round) =>
    parts.reduce((sum, { runsMs: runs }) => sum + (runs[round] ?? Number.NaN), 0),
  );
  return { name, runsMs, medianMs: median(runsMs) };
}

function ourBackup(bench: Bench, name: string, repository: string, ...args: readonly string[]): Alternative {
  return {
    name,
    prepare: () => rm(join(bench.directory, repository), { recursive: true, force: true }),
    run: async () => {
      await holdfast(bench, repository, 'backup', '--json', ...args);
      return undefined;
    },
  };
}

function stockBackup(bench: Bench, name: string, line: string): Alternative {
  return {
    name,
    run: async () => {
      await stock(bench, line);
      return undefined;
    },
  };
}

async function storedBytes(bench: Bench, repository: string): Promise<number> {
  const shown = resultOf(await holdfast(bench, repository, 'show', 'latest', '--json'));
  const bytes = /"storedBytes":(\d+)/.exec(JSON.stringify(shown))?.[1];
  if (bytes === undefined) throw new Error(`no stored bytes in ${JSON.stringify(shown)}`);
  return Number(bytes);
}
