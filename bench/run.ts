/**
 * `npm run bench -- --size 3GB --runs 5`: the figures Holdfast promises, measured beside what teams run today, on one
 * server, in one run. Prints a Markdown table; exits 1 when a figure is not reached.
 */

import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { distributionMajor } from '../test/harness/server-binaries.ts';
import { startPostgres } from '../test/harness/postgres-server.ts';
import { makeSharedDirectory } from '../test/harness/temporary.ts';
import { backupFigures } from './figures/backup.ts';
import { stock, type Bench, type Figure } from './figures/figure.ts';
import { memoryFigures } from './figures/memory.ts';
import { restoreFigures } from './figures/restore.ts';
import { loadLifelike } from './lifelike/load.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '2GB' },
    runs: { type: 'string', default: '5' },
    major: { type: 'string', default: String(distributionMajor()) },
    only: { type: 'string', default: 'backup,restore,memory' },
  },
});

await using directory = await makeSharedDirectory('bench');
await using server = await startPostgres({
  major: Number(values.major),
  settings: { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '30min' },
});
const bench: Bench = { server, directory: directory.path, runs: Number(values.runs), database: 'lifelike' };
await mkdir(join(directory.path, 'baseline'));
const figures: Figure[] = [];
const wanted = new Set(values.only.split(','));
if (wanted.has('backup') || wanted.has('restore')) {
  process.stderr.write(`loading ${values.size}\n`);
  await loadLifelike({ url: server.socketUrl(bench.database), size: values.size });
}
if (wanted.has('backup')) figures.push(...(await backupFigures(bench)));
if (wanted.has('restore')) figures.push(...(await restoreFigures(bench)));
if (wanted.has('memory')) figures.push(...(await memoryFigures(bench)));

const versions = (await stock(bench, 'pg_dump --version; zstd --version; gzip --version | head -1', 'postgres')).stdout;
const lines = [
  `Lifelike database of ${values.size}; ${availableParallelism()} cores; ${values.runs} runs each, in turn; ratios of medians.`,
  `Node ${process.version}; ${versions.trim().replaceAll(/\s*\n\s*/g, '; ')}.`,
  '',
  '| what | beside | figure | to reach | reached | smallest–largest run in medians, ours / theirs |',
  '|---|---|---|---|---|---|',
  ...figures.map(
    ({ what, beside, value, demand, reached, spread }) =>
      `| ${what} | \`${beside.replaceAll('|', '\\|')}\` | ${value} | ${demand} | ${reached ? 'yes' : '**no**'} | ${spread} |`,
  ),
];
process.stdout.write(`${lines.join('\n')}\n`);
if (figures.some((figure) => !figure.reached)) process.exitCode = 1;
