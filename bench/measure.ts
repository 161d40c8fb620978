/**
 * Side-by-side timing: the alternatives take turns within each round, so that a machine that slows down slows all of them,
 * and only ratios of medians are quoted.
 */

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { wallClock } from '../src/system/wall-clock.ts';

export interface Alternative {
  readonly name: string;
  /** Not timed: brings the world back to the start. */
  readonly prepare?: () => Promise<void>;
  /** The timed work. Returns the milliseconds to count when they are not simply its own duration. */
  readonly run: () => Promise<number | undefined>;
}

export interface Timing {
  readonly name: string;
  readonly runsMs: readonly number[];
  readonly medianMs: number;
}

/** Runs every alternative `rounds` times, in turn; the first is the one others are compared with. */
export async function takeTurns(alternatives: readonly Alternative[], rounds: number): Promise<readonly Timing[]> {
  const runs = alternatives.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, alternative] of alternatives.entries()) {
      await alternative.prepare?.();
      const begun = wallClock.monotonicMs();
      const counted = await alternative.run();
      const elapsed = counted ?? wallClock.monotonicMs() - begun;
      runs[index]?.push(elapsed);
      process.stderr.write(`  round ${round + 1}/${rounds}  ${alternative.name}  ${(elapsed / 1000).toFixed(2)} s\n`);
    }
  }
  return alternatives.map((alternative, index) => {
    const runsMs = runs[index] ?? [];
    return { name: alternative.name, runsMs, medianMs: median(runsMs) };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export interface CommandRun {
  readonly stdout: string;
  /** The largest resident size the started process itself ever had (VmHWM), bytes. */
  readonly peakBytes: number;
}

/** Runs one program, or with `shell` one `bash -o pipefail` line, to its end; throws when it fails. */
export async function runCommand(
  command: readonly string[],
  options: { readonly environment?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<CommandRun> {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, {
    env: { ...process.env, ...options.environment },
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let peakBytes = 0;
  const watch = setInterval(() => {
    void peakOf(child.pid ?? 0).then((bytes) => {
      peakBytes = Math.max(peakBytes, bytes);
    });
  }, 100);
  const out: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${Buffer.concat(said).toString()}`);
    return { stdout: Buffer.concat(out).toString(), peakBytes };
  } finally {
    clearInterval(watch);
  }
}

export function shell(line: string): readonly string[] {
  return ['bash', '-o', 'pipefail', '-ec', line];
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return match === null ? 0 : Number(match[1]) * 1024;
}
