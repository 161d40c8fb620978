/**
 * A throwaway PostgreSQL server: its own folder, reachable through a Unix socket in that folder only, nothing synced to
 * disk, none of the habits of a production server (archiving, replication, jobs). It runs as an unprivileged user, goes
 * down when it is disposed, and where `setpriv` exists also when we are killed.
 */

import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatBytes } from '../../../domain/amounts.ts';
import { messageOf } from '../../../domain/error.ts';
import { plainEnvironment, runChild, startChild, type RunningChild } from '../../../system/child-process.ts';
import { freeBytesAt } from '../../../system/free-space.ts';
import { mayEnter } from '../../../system/may-enter.ts';
import { makeTemporaryDirectory } from '../../../system/temporary-directory.ts';
import { unprivilegedUser, type SystemUser } from '../../../system/unprivileged-user.ts';
import { toolPath, type ClientTools } from '../client-tools.ts';
import type { PgAddress } from '../connection/address.ts';
import { scratchErrors } from './errors.ts';
import { recordScratch } from './scratch-record.ts';
import { scratchSettings, scratchSuperuser } from './scratch-settings.ts';

export interface LocalServer extends AsyncDisposable {
  /** To the database `postgres`, as superuser. */
  readonly address: PgAddress;
  /** Makes a folder that the server may write to, for a tablespace. */
  makeFolder(name: string): Promise<string>;
}

export interface LocalServerOptions {
  readonly binaries: ClientTools;
  readonly wantedBytes: number;
  readonly stateDirectory: string;
  /** Extensions that have to be loaded at the server's start. */
  readonly preload: readonly string[];
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 5000;
/** sun_path of Linux is 108 bytes with its NUL; the file is `.s.PGSQL.5432`. */
const socketPathBytes = 107 - '/.s.PGSQL.5432'.length;

export async function startLocalServer(options: LocalServerOptions, signal: AbortSignal): Promise<LocalServer> {
  const user = await serverUser();
  await using undo = new AsyncDisposableStack();
  const place = await choosePlace(options.wantedBytes, user);
  const directory = undo.use(await makeTemporaryDirectory('scratch', place));
  const socket = await socketDirectory(directory.path, undo);
  undo.use(await recordScratch(options.stateDirectory, directory.path));
  for (const path of new Set([directory.path, socket])) await giveTo(path, user);
  const data = join(directory.path, 'data');
  await initialise(options.binaries, data, directory.path, user, signal);
  const child = await launch(options, data, socket, user);
  undo.defer(() => stop(child));
  await waitUntilReady(child, data, signal);
  const kept = undo.move();
  return {
    address: {
      host: socket,
      port: 5432,
      user: scratchSuperuser,
      password: null,
      database: 'postgres',
      sslmode: null,
      options: {},
    },
    makeFolder: async (name) => {
      const path = join(directory.path, name);
      await mkdir(path, { recursive: true, mode: 0o700 });
      await giveTo(path, user);
      return path;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function serverUser(): Promise<SystemUser | null> {
  const user = await unprivilegedUser();
  if (user !== null || process.getuid?.() !== 0) return user;
  throw scratchErrors.make(
    'scratch-as-root',
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody',
  );
}

/** Folders that any user can enter: root's own state directory is none of them. */
async function choosePlace(wantedBytes: number, user: SystemUser | null): Promise<string> {
  const places: string[] = [];
  for (const place of [tmpdir(), '/var/tmp'].filter((one) => existsSync(one))) {
    // A temporary folder of root's own (pam_tmpdir) is as closed.
    if (user !== null && !(await mayEnter(place, user))) continue;
    if ((await freeBytesAt(place)) >= wantedBytes) return place;
    places.push(place);
  }
  throw scratchErrors.make(
    'scratch-no-room',
    `a throwaway server for this backup needs ${formatBytes(wantedBytes)}, more than is free in ${places.join(' and ')}`,
  );
}

async function socketDirectory(directory: string, undo: AsyncDisposableStack): Promise<string> {
  if (Buffer.byteLength(directory) <= socketPathBytes) return directory;
  return undo.use(await makeTemporaryDirectory('scratch', '/tmp')).path;
}

async function giveTo(path: string, user: SystemUser | null): Promise<void> {
  await chmod(path, 0o700);
  if (user !== null) await chown(path, user.uid, user.gid);
}

async function initialise(
  binaries: ClientTools,
  data: string,
  cwd: string,
  user: SystemUser | null,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    `--pgdata=${data}`,
    `--username=${scratchSuperuser}`,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    // From 18 on they are the default; a copy that lives for minutes has no use for them.
    ...(binaries.major >= 18 ? ['--no-data-checksums'] : []),
  ];
  const command = toolPath(binaries, 'initdb');
  const env = plainEnvironment({ LC_ALL: 'C' });
  try {
    await runChild({ command, args, env, cwd, ...(user === null ? {} : { user }) }, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    throw scratchErrors.make('scratch-server-failed', `the throwaway server could not be made: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/**
 * QUIT is PostgreSQL's immediate shutdown; KILL would leave shared memory behind. Not bound to the run's signal: a
 * server is stopped when nothing uses it any more.
 */
function launch(
  options: LocalServerOptions,
  data: string,
  socket: string,
  user: SystemUser | null,
): Promise<RunningChild> {
  const postgres = toolPath(options.binaries, 'postgres');
  const settings = scratchSettings(options.binaries.major, socket, options.preload);
  const args = ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  return startChild(
    {
      command: postgres,
      args,
      env: plainEnvironment({ LC_ALL: 'C', TZ: 'UTC' }),
      cwd: data,
      stdout: 'ignore',
      detached: true,
      deathSignal: 'SIGQUIT',
      ...(user === null ? {} : { user }),
    },
    new AbortController().signal,
  );
}

/** The eighth line of postmaster.pid says so (miscadmin.h, LOCK_FILE_LINE_PM_STATUS). */
async function waitUntilReady(child: RunningChild, data: string, signal: AbortSignal): Promise<void> {
  const state = { ended: '' };
  void child.ended.then(({ stderr }) => {
    state.ended = stderr === '' ? 'it ended without a word' : stderr;
  });
  for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += 50) {
    const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
    if (lines.split('\n')[7]?.trim() === 'ready') return;
    if (state.ended !== '')
      throw scratchErrors.make('scratch-server-failed', `the throwaway server did not start: ${state.ended}`);
    await sleep(50, undefined, { signal });
  }
  throw scratchErrors.make('scratch-server-failed', 'the throwaway server was not ready within a minute');
}

async function stop(child: RunningChild): Promise<void> {
  child.kill('SIGQUIT');
  const patience = setTimeout(() => {
    child.kill('SIGKILL');
  }, stopTimeoutMs);
  await child.ended;
  clearTimeout(patience);
}
