/** Backing up: beside `pg_dump | gzip`, beside the three passes teams run today, with and without the fingerprint. */

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { takeTurns, type Alternative, type Timing } from '../measure.ts';
import { holdfast, resultOf, share, speedup, stock, type Bench, type Figure } from './figure.ts';

export async function backupFigures(bench: Bench): Promise<readonly Figure[]> {
  return [...(await wholeFigures(bench)), ...(await formatsFigures(bench)), ...(await fingerprintFigures(bench))];
}

async function wholeFigures(bench: Bench): Promise<readonly Figure[]> {
  const [ours, theirs] = await pair(
    bench,
    ourBackup(bench, 'holdfast backup', 'content'),
    baseline(bench, 'pg_dump | gzip', 'pg_dump | gzip > baseline/whole.sql.gz'),
  );
  const stored = await storedBytes(bench, 'content');
  const zipped = (await stat(join(bench.directory, 'baseline/whole.sql.gz'))).size;
  const size: Figure = {
    what: 'size of a whole backup',
    beside: 'pg_dump | gzip',
    value: (stored / zipped).toFixed(2),
    demand: '≤ 1.00',
    spread: '',
    reached: stored <= zipped,
  };
  return [speedup('whole backup, proven later by its fingerprint', ours, theirs, 3), size];
}

async function formatsFigures(bench: Bench): Promise<readonly Figure[]> {
  const [ours, theirs] = await pair(
    bench,
    ourBackup(bench, 'holdfast backup --format custom,sql.zst', 'both', '--format', 'custom,sql.zst'),
    baseline(
      bench,
      'pg_dump >x.sql; pg_dump | gzip; pg_dump -Fc',
      'pg_dump > baseline/x.sql; pg_dump | gzip > baseline/x.sql.gz; pg_dump -Fc > baseline/x.dump',
    ),
  );
  return [speedup('SQL and custom archive together', ours, theirs, 5)];
}

async function fingerprintFigures(bench: Bench): Promise<readonly Figure[]> {
  const [ours, theirs] = await pair(
    bench,
    ourBackup(bench, '--fingerprint content', 'content'),
    ourBackup(bench, '--fingerprint off', 'off', '--fingerprint', 'off'),
  );
  return [share('what the fingerprint costs', ours, theirs, 1.4)];
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

function baseline(bench: Bench, name: string, line: string): Alternative {
  return {
    name,
    run: async () => {
      await stock(bench, line);
      return undefined;
    },
  };
}

async function pair(bench: Bench, ours: Alternative, theirs: Alternative): Promise<readonly [Timing, Timing]> {
  const [first, second] = await takeTurns([ours, theirs], bench.runs);
  if (first === undefined || second === undefined) throw new Error('two alternatives give two timings');
  return [first, second];
}

async function storedBytes(bench: Bench, repository: string): Promise<number> {
  const shown = resultOf(await holdfast(bench, repository, 'show', 'latest', '--json'));
  const bytes = /"storedBytes":(\d+)/.exec(JSON.stringify(shown))?.[1];
  if (bytes === undefined) throw new Error(`no stored bytes in ${JSON.stringify(shown)}`);
  return Number(bytes);
}
