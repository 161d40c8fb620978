/**
 * Finds every place that may give settings, in the order in which they count: the environment, then `--env-file`,
 * `.env.local`, `.env` (`.env.production` only when named or when it is the only one). `holdfast.yaml` stands between
 * the environment and the files.
 */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { environmentSource, readEnvFile, type EnvSource } from './env-source.ts';
import { configErrors } from './errors.ts';
import type { ConfigurationFile } from './schema.ts';

export interface LoadRequest {
  readonly flags: {
    readonly url?: string | undefined;
    readonly repository?: string | undefined;
    readonly config?: string | undefined;
    readonly envFile?: string | undefined;
    readonly via?: string | undefined;
  };
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Settings given by a program, with the keys of `holdfast.yaml`: nothing else is looked for then. */
  readonly given?: { readonly label: string; readonly settings: unknown };
}

export interface ConfigurationFileSource {
  /** As people call it: `holdfast.yaml`. */
  readonly label: string;
  readonly baseDir: string;
  readonly content: ConfigurationFile;
}

export interface Sources {
  readonly environment: EnvSource;
  readonly file: ConfigurationFileSource | null;
  readonly envFiles: readonly EnvSource[];
}

/** `alsoNamed`: a variable that a call names, besides those that the settings name; null: none. */
export async function findSources(request: LoadRequest, alsoNamed: string | null = null): Promise<Sources> {
  if (request.given !== undefined) return givenSources(request, request.given, alsoNamed);
  return {
    environment: environmentSource(request.environment, request.cwd),
    file: await findConfigurationFile(request),
    envFiles: await findEnvFiles(request),
  };
}

/** Of the environment only what is named, and what PostgreSQL's own programs read. */
async function givenSources(
  { environment, cwd }: LoadRequest,
  { label, settings }: NonNullable<LoadRequest['given']>,
  alsoNamed: string | null,
): Promise<Sources> {
  const { readSettings } = await import('./yaml-file.ts');
  const content = readSettings(settings, label);
  const named = new Set([...namesIn(settings), ...(alsoNamed === null ? [] : [alsoNamed])]);
  const read = Object.entries(environment).filter(
    ([name]) => named.has(name) || (/^PG[A-Z]/.test(name) && name !== 'PGDATABASE'),
  );
  return {
    environment: environmentSource(Object.fromEntries(read), cwd),
    file: { label, baseDir: cwd, content },
    envFiles: [],
  };
}

/** The values of `urlEnv`, `keyEnv` and their like. */
function namesIn(settings: unknown): readonly string[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]) =>
    key.endsWith('Env') && typeof value === 'string' ? [value] : namesIn(value),
  );
}

async function findEnvFiles(request: LoadRequest): Promise<readonly EnvSource[]> {
  const found: EnvSource[] = [];
  const { envFile } = request.flags;
  if (envFile !== undefined) {
    const path = resolve(request.cwd, envFile);
    const named = await readEnvFile(path);
    if (named === null) throw configErrors.make('settings-file', `there is no file ${path}`);
    found.push({ ...named, label: envFile });
  }
  for (const name of ['.env.local', '.env']) {
    const source = await readEnvFile(resolve(request.cwd, name));
    if (source !== null && name !== envFile) found.push(source);
  }
  if (found.length > 0) return found;
  const production = await readEnvFile(resolve(request.cwd, '.env.production'));
  return production === null ? [] : [production];
}

/** Where it is and what people call it; null when there is none. Throws `settings-file` when a named one is missing. */
export function findSettingsFile(
  request: Pick<LoadRequest, 'flags' | 'environment' | 'cwd'>,
): { readonly path: string; readonly label: string } | null {
  const named = request.flags.config ?? nonEmpty(request.environment['HOLDFAST_CONFIG']);
  const candidates = named === undefined ? ['holdfast.yaml', 'holdfast.yml'] : [named];
  for (const label of candidates) {
    const path = resolve(request.cwd, label);
    if (existsSync(path)) return { path, label };
  }
  if (named === undefined) return null;
  throw configErrors.make('settings-file', `there is no file ${resolve(request.cwd, named)}`);
}

async function findConfigurationFile(request: LoadRequest): Promise<ConfigurationFileSource | null> {
  const place = findSettingsFile(request);
  if (place === null) return null;
  const { path, label } = place;
  // zod and yaml together take as long to load as the rest of the program.
  const { readConfigurationFile } = await import('./yaml-file.ts');
  return { label, baseDir: dirname(path), content: await readConfigurationFile(path) };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
