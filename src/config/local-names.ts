/**
 * Which databases are configured and where backups rest, as far as local files say it at once: nothing is run, no secret is
 * asked for, nothing is checked. For completion, which must answer while a person types.
 */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { databaseNameOf } from './database-name.ts';
import { environmentSource, readEnvFile, type EnvSource } from './env-source.ts';
import { postgresUrl } from './env-target.ts';
import { readSmallFile } from '../system/small-file.ts';
import type { LoadRequest } from './sources.ts';

export interface LocalNames {
  readonly databases: readonly string[];
  /** An absolute path. */
  readonly repository: string;
}

type Request = Pick<LoadRequest, 'flags' | 'environment' | 'cwd'>;

/** Throws what reading a file throws. */
export async function findLocalNames(request: Request): Promise<LocalNames> {
  const environment = environmentSource(request.environment, request.cwd);
  const file = await readSettings(request);
  const envFiles = await readEnvFiles(request);
  return {
    databases: file.databases.length > 0 ? file.databases : databasesIn([environment, ...envFiles]),
    repository: repositoryOf(request, environment, file.repository, envFiles),
  };
}

interface QuickSettings {
  readonly databases: readonly string[];
  readonly repository: string | null;
}

async function readSettings({ flags, environment, cwd }: Request): Promise<QuickSettings> {
  const named = flags.config ?? environment['HOLDFAST_CONFIG'] ?? '';
  const candidates = named === '' ? ['holdfast.yaml', 'holdfast.yml'] : [named];
  const path = candidates.map((name) => resolve(cwd, name)).find((each) => existsSync(each));
  if (path === undefined) return { databases: [], repository: null };
  const { parse } = await import('yaml');
  const content: unknown = parse(await readSmallFile(path));
  const databases = Object.keys(entryOf(content, 'databases') ?? {});
  const repository = entryOf(content, 'repository');
  return { databases, repository: typeof repository === 'string' ? resolve(dirname(path), repository) : null };
}

function entryOf(content: unknown, key: string): object | string | null {
  if (typeof content !== 'object' || content === null) return null;
  const value: unknown = Object.entries(content).find(([name]) => name === key)?.[1];
  return typeof value === 'object' || typeof value === 'string' ? value : null;
}

async function readEnvFiles({ flags, cwd }: Request): Promise<readonly EnvSource[]> {
  const names = [...(flags.envFile === undefined ? [] : [flags.envFile]), '.env.local', '.env'];
  const found: EnvSource[] = [];
  for (const name of names) {
    const source = await readEnvFile(resolve(cwd, name));
    if (source !== null) found.push(source);
  }
  const production = found.length > 0 ? null : await readEnvFile(resolve(cwd, '.env.production'));
  return production === null ? found : [production];
}

function databasesIn(sources: readonly EnvSource[]): readonly string[] {
  for (const { names } of sources) {
    const url = names.get('DATABASE_URL') ?? '';
    if (url !== '') return [databaseNameOf(url.trim())];
    const database = names.get('DB_NAME') ?? names.get('PGDATABASE') ?? '';
    if (database !== '') {
      return [databaseNameOf(postgresUrl({ host: 'localhost', port: '', user: '', password: '', database }))];
    }
  }
  return [];
}

function repositoryOf(
  { flags, cwd }: Request,
  environment: EnvSource,
  written: string | null,
  envFiles: readonly EnvSource[],
): string {
  if (flags.repository !== undefined) return resolve(cwd, flags.repository);
  const given = environment.names.get('BACKUP_DIR') ?? '';
  if (given !== '') return resolve(cwd, given);
  if (written !== null) return written;
  const source = envFiles.find(({ names }) => (names.get('BACKUP_DIR') ?? '') !== '');
  if (source === undefined) return resolve(cwd, 'backups');
  return resolve(source.baseDir, source.names.get('BACKUP_DIR') ?? '');
}
