/** The names, never the values, of what a database's address is read from: for places that must be given them anew. */

import type { DatabaseSettings } from '../../config/configuration.ts';
import type { Sources } from '../../config/sources.ts';

export interface SecretNames {
  readonly names: readonly string[];
  /** Set in this shell only: no file has them. */
  readonly onlyHere: readonly string[];
  /** A file or a command of this machine that gives the address; null when it is none. */
  readonly machineOnly: string | null;
}

const groups: readonly (readonly string[])[] = [
  ['DB_HOST', 'DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD'],
  ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGPASSWORD'],
];

export function findSecretNames({ name, target }: DatabaseSettings, sources: Sources): SecretNames {
  const origin = target?.origin ?? '';
  if (origin.startsWith(`databases.${name}.`)) return namesInFile(name, origin, sources);
  const found = /(?:^|, )([A-Za-z_]\w*?)(?:_FILE|_COMMAND)? in /.exec(origin)?.[1];
  if (found === undefined) return { names: ['DATABASE_URL'], onlyHere: [], machineOnly: null };
  return locate(groups.find((group) => group.includes(found)) ?? [found], sources);
}

function namesInFile(database: string, origin: string, sources: Sources): SecretNames {
  const entry = sources.file?.content.databases[database];
  if (entry?.urlEnv !== undefined) return locate([entry.urlEnv], sources);
  return { names: [], onlyHere: [], machineOnly: entry?.url === undefined ? origin : null };
}

function locate(names: readonly string[], { environment, envFiles }: Sources): SecretNames {
  const isGiven = (name: string, source: { readonly names: ReadonlyMap<string, string> }): boolean =>
    ['', '_FILE', '_COMMAND'].some((ending) => (source.names.get(name + ending) ?? '') !== '');
  const onlyHere = names.filter(
    (name) => isGiven(name, environment) && !envFiles.some((source) => isGiven(name, source)),
  );
  return { names, onlyHere, machineOnly: null };
}
