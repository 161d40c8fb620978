/** One input that is wrong, and where the program meets it. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Part of every case that holds a secret: it must never be said. */
export const plantedSecret = 'pl4ntedS3cret';

export interface MalformedCase {
  /** What is wrong, in a few words; unique. */
  readonly title: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What a shell writes into the variables before it starts the program: bytes that no text holds. */
  readonly script?: string;
  /** Puts the input into the folder. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly stdin?: string;
  /** Exit codes it may end with; 3 where what is wrong is only a warning. Without: 1, 2, 13, 15 or 16. */
  readonly exits?: readonly number[];
}

export const failing: readonly number[] = [1, 2, 13, 15, 16];

/** A named pipe that nobody writes to. */
export async function makePipe(path: string): Promise<void> {
  await run('mkfifo', [path]);
}

export interface Random {
  /** From 0 to less than `limit`. */
  below(limit: number): number;
  bytes(count: number): Buffer;
}

/** The same numbers for the same words, in whatever order cases run. */
export function randomFor(title: string): Random {
  return seededRandom(createHash('sha256').update(title).digest().readUInt32LE(0));
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((next() / 4_294_967_296) * limit);
  return { below, bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))) };
}
