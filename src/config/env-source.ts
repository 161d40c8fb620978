/**
 * One place that gives settings by name: this process's environment, or a `.env` file. A name that ends in `_FILE` or
 * `_COMMAND` gives the same setting by a file's content or a command's output; commands only from the environment,
 * because files of settings are never run.
 */

import { basename, dirname, resolve } from 'node:path';
import { messageOf } from '../domain/error.ts';
import { plainEnvironment, runChild } from '../system/child-process.ts';
import { readSmallFile } from '../system/small-file.ts';
import { parseEnvFile } from './env-file.ts';
import { configErrors } from './errors.ts';

export interface EnvSource {
  /** `the environment`, `.env.local`. */
  readonly label: string;
  readonly names: ReadonlyMap<string, string>;
  /** Names whose value a shell and dotenv would read differently. */
  readonly unclear: ReadonlySet<string>;
  readonly baseDir: string;
  readonly mayRunCommands: boolean;
}

export interface Setting {
  readonly value: string;
  /** `DATABASE_URL in .env` */
  readonly origin: string;
  readonly source: EnvSource;
  readonly name: string;
}

export function environmentSource(environment: NodeJS.ProcessEnv, cwd: string): EnvSource {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) names.set(name, value);
  return { label: 'the environment', names, unclear: new Set(), baseDir: cwd, mayRunCommands: true };
}

/** Null when there is no such file; a file that is there and cannot be read is an error. */
export async function readEnvFile(path: string): Promise<EnvSource | null> {
  const content = await readSmallFile(path).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw configErrors.make('settings-file', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  if (content === null) return null;
  const values = parseEnvFile(content);
  return {
    label: basename(path),
    names: new Map([...values].map(([name, found]) => [name, found.value])),
    unclear: new Set([...values].filter(([, found]) => found.unclear).map(([name]) => name)),
    baseDir: dirname(path),
    mayRunCommands: false,
  };
}

/** The setting, given directly, by `…_FILE` or by `…_COMMAND`; empty values count as not given. */
export async function lookUp(source: EnvSource, name: string, signal: AbortSignal): Promise<Setting | null> {
  const value = source.names.get(name) ?? '';
  if (value !== '') return { value, origin: `${name} in ${source.label}`, source, name };
  const file = source.names.get(`${name}_FILE`) ?? '';
  if (file !== '') {
    const origin = `${name}_FILE in ${source.label}`;
    return { value: await readSecretFile(resolve(source.baseDir, file), origin), origin, source, name };
  }
  const command = source.mayRunCommands ? (source.names.get(`${name}_COMMAND`) ?? '') : '';
  if (command === '') return null;
  const origin = `${name}_COMMAND in ${source.label}`;
  return { value: await runSecretCommand(command, source.baseDir, origin, signal), origin, source, name };
}

/** The first of the sources that gives it. */
export async function lookUpFirst(
  sources: readonly EnvSource[],
  name: string,
  signal: AbortSignal,
): Promise<Setting | null> {
  for (const source of sources) {
    const found = await lookUp(source, name, signal);
    if (found !== null) return found;
  }
  return null;
}

export async function readSecretFile(path: string, origin: string): Promise<string> {
  const text = await readSmallFile(path).catch((cause: unknown) => {
    throw configErrors.make('secret-unreadable', `${origin}: ${messageOf(cause)}`, { cause });
  });
  return withoutNewline(text);
}

export async function runSecretCommand(
  command: string,
  cwd: string,
  origin: string,
  signal: AbortSignal,
): Promise<string> {
  const spec = { command: '/bin/sh', args: ['-c', command], cwd, env: plainEnvironment() };
  const text = await runChild(spec, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw configErrors.make('secret-unreadable', `${origin}: ${messageOf(cause)}`, { cause });
  });
  return withoutNewline(text);
}

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}
