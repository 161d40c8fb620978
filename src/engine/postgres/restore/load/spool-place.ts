/** Where a temporary file of a known size can lie. */

import { tmpdir } from 'node:os';
import { freeBytesAt } from '../../../../system/free-space.ts';

/** What else lands on the disk meanwhile must fit too. */
const spareBytes = 64 * 1024 * 1024;

/** The folder with room for a file of this size: the system's temporary folder, else one of `others`; null when none. */
export async function chooseSpoolPlace(plainBytes: number, others: readonly string[]): Promise<string | null> {
  for (const place of [tmpdir(), ...others]) {
    if ((await freeBytesAt(place)) >= plainBytes + spareBytes) return place;
  }
  return null;
}
