/** Restoring: from the compressed backup to the end of the last statement, beside stock tools on the same bytes. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { takeTurns } from '../measure.ts';
import { holdfast, resultOf, share, stock, type Bench, type Figure } from './figure.ts';

const databases = ['restored_by_us', 'restored_by_stock'];

export async function restoreFigures(bench: Bench): Promise<readonly Figure[]> {
  const repository = 'for-restore';
  await holdfast(bench, repository, 'backup', '--json');
  const artifact = await findArchive(join(bench.directory, repository));
  const [ours, theirs] = await takeTurns(
    [
      {
        name: 'holdfast restore --into',
        prepare: () => dropDatabases(bench),
        run: async () => {
          const run = await holdfast(
            bench,
            repository,
            'restore',
            'latest',
            '--into',
            'restored_by_us',
            '--yes',
            '--json',
          );
          return Number(resultOf(run)['restoreMs']);
        },
      },
      {
        name: 'zstd -d >f && pg_restore -j2 f',
        prepare: async () => {
          await dropDatabases(bench);
          await stock(bench, 'createdb -T template0 restored_by_stock');
        },
        run: async () => {
          await stock(bench, `zstd -dc '${artifact}' > f && pg_restore --exit-on-error -j2 -d restored_by_stock f`);
          return undefined;
        },
      },
    ],
    bench.runs,
  );
  if (ours === undefined || theirs === undefined) throw new Error('two alternatives give two timings');
  return [share('restore, to the end of the last statement', ours, theirs, 1)];
}

/** What one run leaves to be written to the disk, or to be vacuumed, must not slow the next one down. */
async function dropDatabases(bench: Bench): Promise<void> {
  const drop = databases.map((name) => `dropdb --if-exists --force ${name}`).join(' && ');
  await stock(bench, `${drop} && psql -X -q -c checkpoint && rm -f f && sync`, 'postgres');
}

async function findArchive(repository: string): Promise<string> {
  const names = await readdir(repository, { recursive: true });
  const name = names.find((each) => each.endsWith('.dump.zst'));
  if (name === undefined) throw new Error(`no archive in ${repository}`);
  return join(repository, name);
}
