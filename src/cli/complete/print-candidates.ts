/** `holdfast __complete WORD…`: what a shell's completion asks while a person types. */

import { wallClock } from '../../system/wall-clock.ts';
import { flush } from '../streams.ts';
import { findCandidates } from './candidates.ts';

/** One candidate per line; where it has a description, a tab and that. */
export async function printCandidates(words: readonly string[]): Promise<void> {
  const place = { environment: process.env, cwd: process.cwd(), clock: wallClock };
  try {
    const found = await findCandidates(words, place);
    const lines = found.map(({ value, description }) => {
      const said = description.replaceAll(/\s+/g, ' ');
      return said === '' ? `${value}\n` : `${value}\t${said}\n`;
    });
    process.stdout.write(lines.join(''));
  } catch {
    // A line being typed is no place for complaints: the command itself makes them when it is run.
    process.exitCode = 1;
  }
  await flush(process.stdout);
}
