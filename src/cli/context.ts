/** What a command is given, put together lazily: nothing is read or loaded that the command does not ask for. */

import type { Configuration } from '../config/configuration.ts';
import type { LoadRequest } from '../config/sources.ts';
import type { Parts } from '../operations/parts.ts';
import { wallClock } from '../system/wall-clock.ts';
import type { Context } from './command.ts';
import type { CommonFlags } from './flags.ts';
import type { Output } from './output/output.ts';
import { makePrompt } from './prompt.ts';
import { readVersion } from '../system/version.ts';

export interface Place {
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export function makeContext(common: CommonFlags, output: Output, signal: AbortSignal, place: Place): Context {
  const { url, repository, config, envFile, via } = common;
  const { environment, cwd } = place;
  const loadRequest: LoadRequest = { flags: { url, repository, config, envFile, via }, environment, cwd, signal };
  const configuration = once(async (): Promise<Configuration> => {
    const { loadConfiguration } = await import('../config/load.ts');
    return loadConfiguration(loadRequest);
  });
  const parts = once(async (): Promise<Parts> => {
    const { assemble } = await import('../assemble.ts');
    return assemble(await configuration(), { environment, version: readVersion(), signal });
  });
  const isTerminal = common.json !== true && process.stdin.isTTY && process.stdout.isTTY;
  return {
    output,
    work: {
      signal,
      report: (event) => {
        output.report(event);
      },
    },
    clock: wallClock,
    environment,
    cwd,
    common,
    loadRequest,
    configuration,
    parts,
    prompt: makePrompt({ isTerminal, yes: common.yes === true, output, signal }),
    stdout: process.stdout,
    stdin: process.stdin,
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
