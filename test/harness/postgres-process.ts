/**
 * The postmaster of a test server as a child process. It ends with the test process, however that one ends: the kernel
 * sends it SIGQUIT (immediate shutdown) where `setpriv` exists, and an exit handler does elsewhere.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcessAlive } from '../../src/system/process-alive.ts';
import { wallClock } from '../../src/system/wall-clock.ts';
import type { SystemUser } from '../../src/system/unprivileged-user.ts';

export interface PostmasterSpec {
  readonly binDirectory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly user: SystemUser | null;
}

const startTimeoutMs = 60_000;
const running = new Set<ChildProcess>();
const setpriv = existsSync('/usr/bin/setpriv') ? '/usr/bin/setpriv' : null;

process.on('exit', () => {
  for (const child of running) child.kill('SIGQUIT');
});

/** Starts the server and waits until it takes connections; throws with the end of its log when it does not. */
export async function startPostmaster(spec: PostmasterSpec): Promise<ChildProcess> {
  const log = openSync(spec.logFile, 'a', 0o600);
  const server = [join(spec.binDirectory, 'postgres'), '-D', spec.dataDirectory];
  const command = setpriv === null ? server : [setpriv, '--pdeathsig', 'QUIT', '--', ...server];
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: '/',
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
    ...(spec.user === null ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
  });
  closeSync(log);
  running.add(child);
  child.once('exit', () => running.delete(child));
  await once(child, 'spawn');
  try {
    await waitUntilReady(child, spec);
  } catch (cause) {
    await endPostmaster(child, 'SIGQUIT');
    throw cause;
  }
  return child;
}

/** Sends the signal and waits for the end. Nothing happens when it has ended already. */
export async function endPostmaster(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Kills the server and its children, and waits until none is left to hold the shared memory. */
export async function killPostmaster(child: ChildProcess): Promise<void> {
  const children = await childrenOf(child.pid);
  await endPostmaster(child, 'SIGKILL');
  for (const pid of children) {
    if (isProcessAlive(pid)) process.kill(pid, 'SIGKILL');
    while (isProcessAlive(pid)) await sleep(5);
  }
}

/** proc_pid_task_children(5); on other systems the children notice by themselves within moments. */
async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const path = `/proc/${String(pid)}/task/${String(pid)}/children`;
  if (!existsSync(path)) return [];
  return (await readFile(path, 'utf8'))
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** The eighth line of postmaster.pid is the status (PM_STATUS_READY, src/include/utils/pidfile.h). */
async function waitUntilReady(child: ChildProcess, spec: PostmasterSpec): Promise<void> {
  const begun = wallClock.monotonicMs();
  while (!(await isReady(spec.dataDirectory, child.pid))) {
    const late = wallClock.monotonicMs() - begun > startTimeoutMs;
    if (late || child.exitCode !== null || child.signalCode !== null) {
      const log = (await readFile(spec.logFile, 'utf8')).split('\n').slice(-20).join('\n');
      throw new Error(`the test server ${late ? 'did not become ready' : 'ended'}; its log says:\n${log}`);
    }
    await sleep(20);
  }
}

async function isReady(dataDirectory: string, pid: number | undefined): Promise<boolean> {
  try {
    const lines = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
    throw cause;
  }
}
