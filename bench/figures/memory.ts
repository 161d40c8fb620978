/** The largest resident size of Holdfast's own process, at a quarter of the size and at all of it. */

import { loadLifelike } from '../lifelike/load.ts';
import { holdfast, type Bench, type Figure } from './figure.ts';

const limitBytes = 300 * 1024 * 1024;

export async function memoryFigures(
  bench: Bench,
  sizes: readonly [string, string] = ['1GB', '4GB'],
): Promise<readonly Figure[]> {
  const peaks: { readonly backup: number; readonly restore: number }[] = [];
  for (const size of sizes) {
    const database = `memory_${size.toLowerCase()}`;
    await loadLifelike({ url: bench.server.socketUrl(database), size });
    const here = { ...bench, database };
    const backup = await holdfast(here, database, 'backup', '--json');
    const restore = await holdfast(here, database, 'restore', 'latest', '--yes', '--json');
    await bench.server.psql(
      `SELECT format('DROP DATABASE %I', datname) FROM pg_database WHERE datname LIKE '${database}%' \\gexec`,
    );
    peaks.push({ backup: backup.peakBytes, restore: restore.peakBytes });
  }
  const [small, large] = peaks;
  if (small === undefined || large === undefined) throw new Error('two sizes give two peaks');
  return (['backup', 'restore'] as const).flatMap((verb) => figuresOf(verb, small[verb], large[verb], sizes));
}

function figuresOf(verb: string, small: number, large: number, sizes: readonly [string, string]): readonly Figure[] {
  const growth = large / small;
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
  return [
    {
      what: `peak memory of ${verb}`,
      beside: `at ${sizes.join(' and ')}`,
      value: `${mebibytes(small)} and ${mebibytes(large)}`,
      demand: `≤ ${mebibytes(limitBytes)}`,
      spread: '',
      reached: Math.max(small, large) <= limitBytes,
    },
    {
      what: `growth of ${verb}'s peak memory`,
      beside: `from ${sizes.join(' to ')}`,
      value: growth.toFixed(2),
      demand: '0.80 to 1.20',
      spread: '',
      reached: growth >= 0.8 && growth <= 1.2,
    },
  ];
}
