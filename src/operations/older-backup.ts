/** Draws the older backup that `drill --random` proves. */

import { chooseOlderBackup } from '../domain/random-drill.ts';
import type { Work } from '../domain/work.ts';
import { operationErrors } from './errors.ts';
import type { Parts } from './parts.ts';

/** Its id. `database` null: the only one there is. Throws `no-older-backup` (13), `no-repository`. */
export async function drawOlderBackup(database: string | null, parts: Parts, work: Work): Promise<string> {
  const repository = await parts.repository({ create: false });
  const { backups } = await repository.list({ database, newest: null }, work.signal);
  const drawn = chooseOlderBackup(backups, parts.clock.now(), fractionOf(parts.random()));
  if (drawn !== null) return drawn.manifest.id;
  const owner = database === null ? '' : ` of ${database}`;
  throw operationErrors.make('no-older-backup', `there is no whole, undamaged backup${owner} but the newest`);
}

/** Letters of base 32 as the digits of a number, 0 ≤ it < 1. */
function fractionOf(word: string): number {
  const digits = [...word].map((letter) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter));
  return digits.reduceRight((rest, digit) => (digit + rest) / 32, 0);
}
