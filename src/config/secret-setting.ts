/**
 * Secrets of holdfast.yaml and of the environment, looked for when they are needed: a command that sends no message does not
 * ask the password store, and one that cannot be read is no reason to make no backup.
 */

import { resolve } from 'node:path';
import type { Secret } from '../domain/secret.ts';
import { lookUp, lookUpFirst, readSecretFile, runSecretCommand, type EnvSource } from './env-source.ts';
import { configErrors } from './errors.ts';
import type { ConfigurationFileSource, Sources } from './sources.ts';

/** The value of `url`, `urlEnv`, `urlFile` or `urlCommand` of an entry; null when it has none of them. */
export function secretFromFile(
  entry: Readonly<Record<string, unknown>>,
  key: string,
  place: string,
  file: ConfigurationFileSource,
  sources: Sources,
): Secret | null {
  for (const ending of ['', 'Env', 'File', 'Command'] as const) {
    const value = entry[`${key}${ending}`];
    if (typeof value !== 'string') continue;
    const origin = `${place}.${key}${ending} in ${file.label}`;
    return { origin, read: async (signal) => readWay({ ending, value, origin }, file, sources, signal) };
  }
  return null;
}

/** The value of a name of the environment or of a `.env` file; null when no source gives it. */
export function secretFromNames(name: string, sources: readonly EnvSource[]): Secret | null {
  for (const source of sources) {
    const suffix = ['', '_FILE', ...(source.mayRunCommands ? ['_COMMAND'] : [])].find(
      (ending) => (source.names.get(name + ending) ?? '') !== '',
    );
    if (suffix === undefined) continue;
    const origin = `${name}${suffix} in ${source.label}`;
    return { origin, read: async (signal) => demand(await lookUp(source, name, signal), origin).value };
  }
  return null;
}

interface Way {
  readonly ending: '' | 'Env' | 'File' | 'Command';
  readonly value: string;
  readonly origin: string;
}

async function readWay(
  { ending, value, origin }: Way,
  file: ConfigurationFileSource,
  sources: Sources,
  signal: AbortSignal,
): Promise<string> {
  switch (ending) {
    case '':
      return value;
    case 'File':
      return readSecretFile(resolve(file.baseDir, value), origin);
    case 'Command':
      return runSecretCommand(value, file.baseDir, origin, signal);
    case 'Env': {
      const found = await lookUpFirst([sources.environment, ...sources.envFiles], value, signal);
      return demand(found, `${origin}: ${value}`).value;
    }
  }
}

function demand<T>(found: T | null, origin: string): T {
  if (found !== null) return found;
  throw configErrors.make('secret-unreadable', `${origin} is not set`);
}
