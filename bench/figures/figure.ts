/** One promised figure, measured. */

import { join, resolve } from 'node:path';
import type { TestServer } from '../../test/harness/postgres-server.ts';
import { libpqVariables } from '../../test/harness/psql.ts';
import { runCommand, shell, type CommandRun, type Timing } from '../measure.ts';

export interface Bench {
  readonly server: TestServer;
  /** Holds the repositories and the baselines' files: one disk for all. */
  readonly directory: string;
  readonly runs: number;
  readonly database: string;
}

export interface Figure {
  readonly what: string;
  readonly beside: string;
  readonly value: string;
  readonly demand: string;
  /** Smallest and largest run in medians, ours and theirs. */
  readonly spread: string;
  readonly reached: boolean;
}

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** Runs the command line as a process of its own, into the repository `name`. */
export async function holdfast(bench: Bench, name: string, ...args: readonly string[]): Promise<CommandRun> {
  return await runCommand([process.execPath, program, ...args], {
    cwd: bench.directory,
    environment: {
      ...bench.server.toolEnvironment,
      HOLDFAST_STATE_DIR: join(bench.directory, 'state'),
      DATABASE_URL: bench.server.socketUrl(bench.database),
      BACKUP_DIR: join(bench.directory, name),
    },
  });
}

/** One `bash -o pipefail` line with stock tools of the server's version. */
export async function stock(bench: Bench, line: string, database = bench.database): Promise<CommandRun> {
  return await runCommand(shell(`PATH=${bench.server.binDirectory}:$PATH; ${line}`), {
    cwd: bench.directory,
    environment: libpqVariables(bench.server, database),
  });
}

/** The last line of `--json` output. */
export function resultOf(run: CommandRun): Record<string, unknown> {
  const value: unknown = JSON.parse(run.stdout.slice(run.stdout.trimEnd().lastIndexOf('\n') + 1));
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'result') {
    throw new Error(`no result: ${run.stdout}`);
  }
  return { ...value };
}

export function spreadOf(ours: Timing, theirs: Timing): string {
  return [ours, theirs]
    .map(({ runsMs, medianMs }) =>
      [Math.min(...runsMs), Math.max(...runsMs)].map((ms) => (ms / medianMs).toFixed(2)).join('–'),
    )
    .join(' / ');
}

/** `theirs / ours` must be at least `atLeast`. */
export function speedup(what: string, ours: Timing, theirs: Timing, atLeast: number): Figure {
  const times = theirs.medianMs / ours.medianMs;
  return {
    what,
    beside: theirs.name,
    value: `${times.toFixed(2)} × as fast`,
    demand: `≥ ${atLeast.toFixed(1)} ×`,
    spread: spreadOf(ours, theirs),
    reached: times >= atLeast,
  };
}

/** `ours / theirs` must be at most `atMost`. */
export function share(what: string, ours: Timing, theirs: Timing, atMost: number): Figure {
  const ratio = ours.medianMs / theirs.medianMs;
  return {
    what,
    beside: theirs.name,
    value: ratio.toFixed(2),
    demand: `≤ ${atMost.toFixed(2)}`,
    spread: spreadOf(ours, theirs),
    reached: ratio <= atMost,
  };
}
