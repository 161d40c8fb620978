/**
 * One run of pg_restore into a database. Restored means every statement succeeded: the first error ends it, and an exit
 * code of 0 is not believed when its own messages speak of an error.
 */

import { writeFile } from 'node:fs/promises';
import type { RunningChild } from '../../../../system/child-process.ts';
import type { ClientTools, ToolName } from '../../client-tools.ts';
import type { PgAddress } from '../../connection/address.ts';
import { endedElsewhere } from '../../dump/tool-errors.ts';
import { databaseArgument } from './conninfo.ts';
import { postgresErrors } from '../../errors.ts';
import { startTool } from '../../start-tool.ts';
import { restoreErrors } from '../errors.ts';
import { feedChild } from './feed-child.ts';

export interface LoadTarget {
  readonly tools: ClientTools;
  /** The new database. */
  readonly address: PgAddress;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly serverMajor: number;
  /** For pg_restore's sessions: `maintenance_work_mem=256MB`. */
  readonly settings: readonly string[];
}

/** Restores from a file. `entries` are dump ids in the order of the table of contents. */
export async function loadFile(
  target: LoadTarget,
  archive: { readonly path: string; readonly listPath: string },
  entries: readonly number[],
  jobs: number,
  signal: AbortSignal,
): Promise<void> {
  await writeList(archive.listPath, entries);
  const args = [...commonArguments(target), `--use-list=${archive.listPath}`, `--jobs=${String(jobs)}`, archive.path];
  await using child = await start(target, 'pg_restore', args, 'ignore', signal);
  await demandSuccess(child, 'pg_restore', signal);
}

/** The form of `--use-list`: everything behind the semicolon is a comment. */
export async function writeList(path: string, entries: readonly number[]): Promise<void> {
  await writeFile(path, entries.map((id) => `${String(id)};\n`).join(''), { mode: 0o600 });
}

/** Restores in one job as the archive arrives: all of it, or the entries of a list that need no rows. */
export async function loadStream(
  target: LoadTarget,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  definitionsList: string | null = null,
): Promise<void> {
  const further = definitionsList === null ? [] : [`--use-list=${definitionsList}`];
  await using child = await start(target, 'pg_restore', [...commonArguments(target), ...further], 'pipe', signal);
  await feedChild(child, bytes, definitionsList === null ? 'all' : 'while-wanted');
  await demandSuccess(child, 'pg_restore', signal);
}

/** A child's last words are kept up to 8 KiB (system/child-process.ts); of so many some may be missing. */
const keptOfStderr = 8000;

/**
 * Runs a script with psql; the first error ends it. Behind a line of its own that says so (`\\set ON_ERROR_STOP off`, which
 * only a salvage has) a script goes on: what failed there is returned.
 */
export async function loadScript(
  target: LoadTarget,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const args = [
    '--no-psqlrc',
    '--quiet',
    '--no-password',
    '--set=ON_ERROR_STOP=1',
    databaseArgument(target.address.database),
    '--output=/dev/null',
    '--file=-',
  ];
  await using child = await start(target, 'psql', args, 'pipe', signal);
  await feedChild(child, bytes);
  await demandSuccess(child, 'psql', signal);
  const { stderr } = await child.ended;
  const failed = stderr.split('\n').flatMap((line) => /^psql:.*?: ERROR: +(.+)$/.exec(line)?.[1] ?? []);
  return failed.length === 0 || stderr.length < keptOfStderr
    ? failed
    : ['more than can be kept; the last of them follow', ...failed];
}

/** What pg_restore and psql answer, without the lines that only say where they were. */
export function firstComplaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const at = lines.findIndex((line) => /\b(?:error|fatal|FATAL|ERROR|PANIC)\b ?:/.test(line));
  const from = at < 0 ? lines.slice(-3) : lines.slice(at, at + 4);
  return from.map((line) => line.replace(/^pg_restore: (?:error: )?/, '').trim()).join('; ');
}

function commonArguments(target: LoadTarget): readonly string[] {
  return [
    '--exit-on-error',
    '--no-password',
    ...(target.owners ? [] : ['--no-owner']),
    ...(target.privileges ? [] : ['--no-privileges']),
    databaseArgument(target.address.database),
  ];
}

function start(
  target: LoadTarget,
  tool: ToolName,
  args: readonly string[],
  stdin: 'pipe' | 'ignore',
  signal: AbortSignal,
): Promise<RunningChild> {
  const settings = [...fixedSettings(target.serverMajor), ...target.settings]
    .map((setting) => `-c ${setting}`)
    .join(' ');
  const given = target.address.options['PGOPTIONS'];
  const variables = {
    PGAPPNAME: 'holdfast restore',
    PGOPTIONS: given === undefined ? settings : `${given} ${settings}`,
  };
  const { tools, address } = target;
  return startTool({ tools, name: tool, args, address, variables, stdin, stdout: 'ignore' }, signal);
}

/**
 * `synchronous_commit`: the database is not in use before it is whole. The others: a role or a database may have them as a
 * setting of its own. A read-only database is to be filled all the same; what is NULL in an array stays so; and a
 * session may wait for others, or for the archive. `transaction_timeout` pg_restore knows from 17 on, `idle_session_timeout` never.
 */
function fixedSettings(serverMajor: number): readonly string[] {
  return [
    'synchronous_commit=off',
    'default_transaction_read_only=off',
    'array_nulls=on',
    ...(serverMajor >= 14 ? ['idle_session_timeout=0'] : []),
    ...(serverMajor >= 17 ? ['transaction_timeout=0'] : []),
  ];
}

async function demandSuccess(child: RunningChild, tool: string, signal: AbortSignal): Promise<void> {
  const status = await child.ended;
  const isClean = !/^(?:pg_restore|psql)[^\n]*: (?:error|fatal)|errors ignored on restore/m.test(status.stderr);
  // What has been done is done, also when it was to be stopped just then: the caller decides what becomes of it.
  if (status.code === 0 && isClean) return;
  signal.throwIfAborted();
  if (
    /server closed the connection|terminating connection|connection to server .*(?:lost|failed)/.test(status.stderr)
  ) {
    throw postgresErrors.make(
      'server-gone',
      `${tool} lost its connection: ${firstComplaint(status.stderr).split('; ')[0] ?? ''}`,
    );
  }
  if (endedElsewhere(status)) {
    throw postgresErrors.make(
      'server-gone',
      `${tool}, run where the server is, was ended (code ${String(status.code)})`,
    );
  }
  const how = status.signal === null ? '' : ` (ended by signal ${status.signal})`;
  throw restoreErrors.make(
    'restore-failed',
    `${tool} could not restore the backup${how}: ${firstComplaint(status.stderr)}`,
  );
}
