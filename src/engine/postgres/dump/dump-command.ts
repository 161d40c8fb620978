/** The arguments of PostgreSQL's tools for a backup. Addresses and passwords are never among them. */

import type { Scope } from '../../../domain/scope.ts';

export interface DumpChoices {
  readonly scope: Scope;
  readonly owners: boolean;
  readonly privileges: boolean;
}

/** pg_dump writes a custom archive, not compressed, to stdout. */
export function dumpArguments(choices: DumpChoices, snapshot: string, lockTimeoutMs: number): readonly string[] {
  const { scope } = choices;
  return [
    '--format=custom',
    '--compress=0',
    `--snapshot=${snapshot}`,
    '--no-password',
    `--lock-wait-timeout=${String(lockTimeoutMs)}`,
    ...(scope.kind === 'schema' ? ['--schema-only'] : []),
    ...(scope.kind === 'data' ? ['--data-only'] : []),
    ...scope.tables.map((pattern) => `--table=${pattern}`),
    ...scope.excludedTables.map((pattern) => `--exclude-table=${pattern}`),
    ...scope.schemas.map((pattern) => `--schema=${pattern}`),
    ...scope.excludedSchemas.map((pattern) => `--exclude-schema=${pattern}`),
    ...(scope.tables.length + scope.schemas.length > 0 ? ['--strict-names'] : []),
    ...leftOut(choices),
  ];
}

/** pg_restore turns the archive on its stdin into SQL on its stdout. */
export function sqlArguments(choices: DumpChoices): readonly string[] {
  return ['--format=custom', '--file=-', ...leftOut(choices)];
}

export function globalsArguments(database: string, withPasswords: boolean): readonly string[] {
  return [
    '--globals-only',
    '--no-password',
    `--database=${databaseArgument(database)}`,
    ...(withPasswords ? [] : ['--no-role-passwords']),
  ];
}

/** A name that would be taken for a connection string is written as one. */
function databaseArgument(name: string): string {
  const isPlain = !name.includes('=') && !/^postgres(?:ql)?:\/\//.test(name);
  return isPlain ? name : `dbname='${name.replaceAll(/['\\]/g, '\\$&')}'`;
}

function leftOut(choices: DumpChoices): readonly string[] {
  return [...(choices.owners ? [] : ['--no-owner']), ...(choices.privileges ? [] : ['--no-privileges'])];
}
