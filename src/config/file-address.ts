/** An address written in `holdfast.yaml`: as it is, by the name of a variable, by a file or by a command. */

import { resolve } from 'node:path';
import type { TargetSpec } from '../engine/engine.ts';
import { lookUpFirst, readSecretFile, runSecretCommand } from './env-source.ts';
import { libpqVariables } from './env-target.ts';
import { configErrors } from './errors.ts';
import type { AddressEntry } from './schema.ts';
import type { ConfigurationFileSource, Sources } from './sources.ts';
import { targetVia } from './via-prefix.ts';

/** Null when none of the four ways is used. `place` is the key that holds them: `databases.app`. */
export async function addressFromFile(
  entry: Pick<AddressEntry, 'url' | 'urlEnv' | 'urlFile' | 'urlCommand' | 'via'>,
  place: string,
  file: ConfigurationFileSource,
  sources: Sources,
  signal: AbortSignal,
): Promise<TargetSpec | null> {
  const ways = (
    [
      ['url', entry.url],
      ['urlEnv', entry.urlEnv],
      ['urlFile', entry.urlFile],
      ['urlCommand', entry.urlCommand],
    ] as const
  ).filter(([, value]) => value !== undefined);
  if (ways.length > 1) {
    throw configErrors.make(
      'settings-invalid',
      `${file.label}: ${place} gives its address in ${String(ways.length)} ways: ${ways.map(([key]) => key).join(', ')}`,
    );
  }
  const [key, value] = ways[0] ?? [];
  if (key === undefined || value === undefined) return null;
  const origin = `${place}.${key} in ${file.label}`;
  const url = await read(key, value, origin, file, sources, signal);
  const environment = libpqVariables(sources.environment, [sources.environment]);
  return targetVia({ url: url.trim(), origin, baseDir: file.baseDir, environment }, entry.via);
}

async function read(
  way: 'url' | 'urlEnv' | 'urlFile' | 'urlCommand',
  value: string,
  origin: string,
  file: ConfigurationFileSource,
  sources: Sources,
  signal: AbortSignal,
): Promise<string> {
  if (way === 'url') return value;
  if (way === 'urlFile') return readSecretFile(resolve(file.baseDir, value), origin);
  if (way === 'urlCommand') return runSecretCommand(value, file.baseDir, origin, signal);
  const found = await lookUpFirst([sources.environment, ...sources.envFiles], value, signal);
  if (found === null) {
    throw configErrors.make('no-target', `${origin}: ${value} is not set`, {
      hint: `Set ${value} in the environment.`,
    });
  }
  return found.value;
}
