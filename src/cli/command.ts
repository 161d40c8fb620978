/** What a verb of the command line is made of, and what it gets to work with. */

import type { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import type { LoadRequest } from '../config/sources.ts';
import type { Clock } from '../domain/clock.ts';
import type { ExitCode } from '../domain/error.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from '../operations/parts.ts';
import type { CommonFlags } from './flags.ts';
import type { Output } from './output/output.ts';
import type { Prompt } from './prompt.ts';

export interface Context {
  readonly output: Output;
  readonly work: Work;
  readonly clock: Clock;
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly common: CommonFlags;
  readonly loadRequest: LoadRequest;
  /** Read once. */
  configuration(): Promise<Configuration>;
  /** Assembled once. */
  parts(): Promise<Parts>;
  readonly prompt: Prompt;
  /** The stream that `extract BACKUP -` writes to. */
  readonly stdout: NodeJS.WriteStream;
  /** The stream that `--file -` reads. */
  readonly stdin: NodeJS.ReadStream;
}

export interface CommandDefinition<Flags> {
  readonly summary: string;
  /** What follows the verb: `[DATABASE] [BACKUP]`. */
  readonly usage: string;
  /** More than the summary, for `--help`. */
  readonly details: string;
  readonly examples: readonly (readonly [command: string, explanation: string])[];
  /** Codes beyond 0, 1, 2, 3, 11 and 130 that it may end with. */
  readonly exits: readonly ExitCode[];
  /** True when words like `-` make standard output carry bytes. */
  readonly writesBytes?: (words: readonly string[]) => boolean;
  addFlags(command: Command): void;
  readonly run: (words: readonly string[], flags: Flags, context: Context) => Promise<ExitCode>;
}

/** A definition whose flags are known only to itself. */
export interface LoadedCommand extends Omit<CommandDefinition<never>, 'run'> {
  run(words: readonly string[], command: Command, context: Context): Promise<ExitCode>;
}

export function defineCommand<Flags>(definition: CommandDefinition<Flags>): LoadedCommand {
  const { run, ...rest } = definition;
  // commander fills the flags as `addFlags` of the same definition declared them.
  return { ...rest, run: (words, command, context) => run(words, command.opts() as Flags, context) };
}
