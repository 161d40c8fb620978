/**
 * Finds PostgreSQL's programs of a fitting version. pg_dump reads servers of its own and of older major versions
 * (PostgreSQL documentation, pg_dump, Notes); an archive is best written by the version that will read it, so the
 * server's own major version is preferred, else the lowest newer one.
 */

import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { runChild } from '../../system/child-process.ts';
import { postgresErrors } from './errors.ts';
import type { Via } from './via/via.ts';

const toolNames = ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql', 'initdb', 'pg_ctl', 'postgres'] as const;
export type ToolName = (typeof toolNames)[number];
const clientNames: readonly ToolName[] = ['pg_dump', 'pg_restore', 'pg_dumpall'];
const serverNames: readonly ToolName[] = ['initdb', 'postgres', 'pg_ctl'];

export interface ClientTools {
  /** Where they are; absent: on this machine. */
  readonly via?: Via;
  readonly directory: string;
  readonly major: number;
  /** `17.11` */
  readonly version: string;
  /** The program's path; null when it is not in the directory. */
  tool(name: ToolName): string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Client tools for a server of this major version. Throws `client-missing` or `client-too-old`. */
export async function findClientTools(serverMajor: number, env: Environment): Promise<ClientTools> {
  const installed = (await installedTools(env)).filter((tools) => has(tools, clientNames));
  const best = chooseTools(installed, serverMajor);
  if (best !== null) return best;
  const hint = `Install them (Debian: apt-get install postgresql-client-${String(serverMajor)}), or name their folder in HOLDFAST_PG_BIN.`;
  const newest = installed.toSorted((a, b) => b.major - a.major)[0];
  if (newest === undefined)
    throw postgresErrors.make('client-missing', 'pg_dump was not found on this machine', { hint });
  throw postgresErrors.make(
    'client-too-old',
    `the server is PostgreSQL ${String(serverMajor)}, and the newest client tools here are ${newest.version} (${newest.directory})`,
    { hint },
  );
}

/** Programs to run a server with (`initdb`, `postgres`, `pg_ctl`) and its client tools. Throws `server-binaries-missing`. */
export async function findServerBinaries(major: number, env: Environment): Promise<ClientTools> {
  const installed = (await installedTools(env)).filter((tools) => has(tools, [...serverNames, ...clientNames]));
  const best = chooseTools(installed, major);
  if (best !== null) return best;
  throw postgresErrors.make(
    'server-binaries-missing',
    `no server programs of PostgreSQL ${String(major)} or newer are on this machine`,
    {
      hint: `Install them (Debian: apt-get install postgresql-${String(major)}), or name another server for the work: drill --on URL, or drill.on in holdfast.yaml.`,
    },
  );
}

/** The same major version if it is there, else the lowest newer one; of equals the first. */
export function chooseTools(installed: readonly ClientTools[], major: number): ClientTools | null {
  const fitting = installed.filter((tools) => tools.major >= major);
  return fitting.toSorted((a, b) => a.major - b.major)[0] ?? null;
}

const known = new Map<string, Promise<ClientTools | null>>();

/** In the order they are preferred: $HOLDFAST_PG_BIN, PATH, the usual places of distributions. */
async function installedTools(env: Environment): Promise<readonly ClientTools[]> {
  const found: ClientTools[] = [];
  for (const directory of await candidateDirectories(env)) {
    const entry = known.get(directory) ?? lookInto(directory);
    known.set(directory, entry);
    const tools = await entry;
    if (tools !== null) found.push(tools);
  }
  return found;
}

async function candidateDirectories(env: Environment): Promise<readonly string[]> {
  const named = splitPath(env['HOLDFAST_PG_BIN']);
  const path = splitPath(env['PATH']);
  const usual = await Promise.all([
    versionedDirectories('/usr/lib/postgresql', /^\d+$/, '/bin'),
    versionedDirectories('/usr', /^pgsql-\d+$/, '/bin'),
    versionedDirectories('/opt/homebrew/opt', /^(?:postgresql@\d+|postgresql|libpq)$/, '/bin'),
    versionedDirectories('/usr/local/opt', /^(?:postgresql@\d+|postgresql|libpq)$/, '/bin'),
    versionedDirectories('/Applications/Postgres.app/Contents/Versions', /^[\d.]+$/, '/bin'),
    versionedDirectories('/usr/libexec', /^postgresql\d*$/, ''),
  ]);
  const all = await Promise.all([...named, ...path, ...usual.flat(), '/usr/local/pgsql/bin'].map(resolvePath));
  return [...new Set(all.filter((directory) => directory !== null))];
}

async function versionedDirectories(parent: string, pattern: RegExp, below: string): Promise<readonly string[]> {
  const names = await readdir(parent).catch(() => [] as string[]);
  return names.filter((name) => pattern.test(name)).map((name) => `${parent}/${name}${below}`);
}

function splitPath(text: string | undefined): readonly string[] {
  return (text ?? '').split(':').filter((directory) => directory.startsWith('/'));
}

async function resolvePath(directory: string): Promise<string | null> {
  return realpath(directory).catch(() => null);
}

/** Null when the directory has no program of PostgreSQL that answers. */
async function lookInto(directory: string): Promise<ClientTools | null> {
  const present = new Map<ToolName, string>();
  for (const name of toolNames) {
    const path = await executable(`${directory}/${name}`);
    if (path !== null) present.set(name, path);
  }
  const asked = present.get('pg_dump') ?? present.get('postgres');
  if (asked === undefined) return null;
  // A program that cannot even say its version is as good as absent; the next directory may have a better one.
  const said = await runChild({ command: asked, args: ['--version'] }, AbortSignal.timeout(20_000)).catch(() => '');
  const version = /\(PostgreSQL\) (\d+)((?:\.\d+)*\w*)/.exec(said);
  if (version?.[1] === undefined) return null;
  return {
    directory,
    major: Number(version[1]),
    version: `${version[1]}${version[2] ?? ''}`,
    tool: (name) => present.get(name) ?? null,
  };
}

/** Debian's /usr/bin/pg_dump is a wrapper that chooses a version by its own rules: not a tool of a known version. */
async function executable(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    const real = await realpath(path);
    return real.endsWith('/pg_wrapper') ? null : real;
  } catch {
    return null;
  }
}

function has(tools: ClientTools, names: readonly ToolName[]): boolean {
  return names.every((name) => tools.tool(name) !== null);
}

/** The path of one of the programs. Throws `client-missing`. */
export function toolPath(tools: ClientTools, name: ToolName): string {
  const path = tools.tool(name);
  if (path !== null) return path;
  throw postgresErrors.make('client-missing', `${name} is not in ${tools.directory}`);
}
