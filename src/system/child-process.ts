/**
 * Starting other programs. No shell in between; what a program says on stderr is kept (its end) for the error; a child
 * never outlives the call that started it, and where `setpriv` exists not even a killed parent.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { systemErrors } from './errors.ts';

export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child. Default: this process's, without PostgreSQL's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: 'pipe' | 'ignore';
  readonly stdout?: 'pipe' | 'ignore';
  readonly cwd?: string;
  /** Run as another user (only root may). */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The child is a server that is stopped on purpose later: not bound to this process's life. */
  readonly detached?: boolean;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of stderr, at most 8 KiB. */
  readonly stderr: string;
}

export interface RunningChild extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  /** Settles when the child has ended and its pipes are closed; never rejects for a bad exit code. */
  readonly ended: Promise<ExitStatus>;
  /** Throws `tool-failed` unless the child ended with 0. */
  succeed(): Promise<void>;
  kill(signal?: NodeJS.Signals): void;
}

const stderrTailBytes = 8192;
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(isExecutable);

/** Starts a program. The signal kills it; disposing kills it and waits for its end. */
export async function startChild(spec: ChildSpec, signal: AbortSignal): Promise<RunningChild> {
  signal.throwIfAborted();
  const bound = setpriv !== undefined && spec.detached !== true;
  const child = spawn(
    bound ? setpriv : spec.command,
    bound ? ['--pdeathsig', 'KILL', '--', spec.command, ...spec.args] : [...spec.args],
    {
      env: spec.env ?? plainEnvironment(),
      stdio: [spec.stdin ?? 'ignore', spec.stdout ?? 'pipe', 'pipe'],
      cwd: spec.cwd,
      detached: spec.detached ?? false,
      ...(spec.user === undefined ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
    },
  );
  await spawned(child, spec.command);
  return follow(child, spec.command, signal);
}

/** Runs a program to its end and returns its stdout as text (small outputs only). Throws `tool-failed`. */
export async function runChild(spec: ChildSpec, signal: AbortSignal): Promise<string> {
  await using child = await startChild(spec, signal);
  child.stdin?.end();
  const chunks: Buffer[] = [];
  if (child.stdout !== null) for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  await child.succeed();
  return Buffer.concat(chunks).toString('utf8');
}

/** This process's environment without what would redirect PostgreSQL's tools. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('PG'),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

function follow(child: ChildProcess, command: string, signal: AbortSignal): RunningChild {
  let tail = Buffer.alloc(0);
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]);
    if (tail.length > stderrTailBytes) tail = tail.subarray(tail.length - stderrTailBytes);
  });
  // A reader that closed early is the reader's business: its own exit code tells what happened.
  child.stdin?.on('error', () => undefined);
  const kill = (name: NodeJS.Signals = 'SIGTERM'): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
  };
  const onAbort = (): void => {
    kill('SIGTERM');
    setTimeout(() => {
      kill('SIGKILL');
    }, 3000).unref();
  };
  const ended = new Promise<ExitStatus>((resolve) => {
    child.once('close', (code, name) => {
      signal.removeEventListener('abort', onAbort);
      resolve({ code, signal: name, stderr: tail.toString('utf8').trim() });
    });
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    kill,
    succeed: async () => {
      const status = await ended;
      signal.throwIfAborted();
      if (status.code !== 0) throw failure(command, status);
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin?.destroy();
      child.stdout?.destroy();
      onAbort();
      await ended;
    },
  };
}

function failure(command: string, status: ExitStatus): Error {
  const how = status.signal === null ? `exit code ${String(status.code)}` : `signal ${status.signal}`;
  const name = command.slice(command.lastIndexOf('/') + 1);
  const said = status.stderr === '' ? '' : `: ${status.stderr}`;
  return systemErrors.make('tool-failed', `${name} ended with ${how}${said}`);
}

function spawned(child: ChildProcess, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(systemErrors.make('tool-missing', `cannot start ${command}: ${cause.message}`, { cause }));
    });
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
