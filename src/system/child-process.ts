/**
 * Starting other programs. No shell in between; what a program says on stderr is kept (its end) for the error; a child
 * never outlives the call that started it, and where `setpriv` exists not even a killed parent.
 *
 * Secrets go by environment or standard input: arguments are seen by every user of the machine.
 */

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../domain/error.ts';
import { systemErrors } from './errors.ts';
import { findProgram } from './find-program.ts';
import { followChild } from './follow-child.ts';
import { boundToParent } from './parent-death.ts';

export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child. Default: this process's, without PostgreSQL's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: 'pipe' | 'ignore';
  /** What is piped (the default) has to be read: the child ends only then. */
  readonly stdout?: 'pipe' | 'ignore';
  /** Default: ours; for another user `/`, since ours may be closed to them. */
  readonly cwd?: string;
  /** Run as another user (only root may). */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The child is a server that is stopped on purpose later: in a session of its own, without our terminal. */
  readonly detached?: boolean;
  /** What the child gets when we are killed. Default: SIGKILL, for a detached one nothing. */
  readonly deathSignal?: 'SIGKILL' | 'SIGQUIT';
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
  /** Whole, however late its reading begins. */
  readonly stdout: Readable | null;
  /** Settles when the child has ended and its pipes are closed; never rejects for a bad exit code. */
  readonly ended: Promise<ExitStatus>;
  /** Throws `tool-failed` unless the child ended with 0. Drops its output if nobody reads that. */
  succeed(): Promise<void>;
  kill(signal?: NodeJS.Signals): void;
}

/** Starts a program. The signal kills it; disposing kills it and waits for its end. Throws `tool-missing`. */
export async function startChild(spec: ChildSpec, signal: AbortSignal): Promise<RunningChild> {
  signal.throwIfAborted();
  const env = spec.env ?? plainEnvironment();
  const cwd = spec.cwd ?? (spec.user === undefined ? undefined : '/');
  const program = findProgram(spec.command, env['PATH'], cwd);
  if (program === null || (cwd !== undefined && !existsSync(cwd))) throw missing(spec.command, cwd);
  const run = await commandLine(program, spec);
  signal.throwIfAborted();
  const child = await spawned(spec.command, run, {
    env,
    stdio: [spec.stdin ?? 'ignore', spec.stdout ?? 'pipe', 'pipe'],
    detached: spec.detached ?? false,
    ...(cwd === undefined ? {} : { cwd }),
    ...(spec.user === undefined ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
  });
  return followChild(child, spec.command, signal);
}

async function commandLine(
  program: string,
  spec: ChildSpec,
): Promise<{ readonly command: string; readonly args: string[] }> {
  if (spec.deathSignal === undefined && spec.detached === true) return { command: program, args: [...spec.args] };
  return boundToParent(program, spec.args, spec.deathSignal ?? 'SIGKILL');
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

function missing(command: string, cwd: string | undefined): Error {
  if (cwd !== undefined && !existsSync(cwd)) {
    return systemErrors.make('tool-missing', `cannot start ${command}: its folder ${cwd} is not there`);
  }
  const where = command.includes('/') ? 'it is not there, or this user may not run it' : 'it is not in PATH';
  return systemErrors.make('tool-missing', `cannot start ${command}: ${where}`);
}

/** Resolves when the program runs. */
function spawned(
  name: string,
  run: { readonly command: string; readonly args: string[] },
  options: SpawnOptions,
): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, options);
    child.once('spawn', () => {
      resolve(child);
    });
    // For good: a signal that could not be sent later on is an event too, and must not end this process.
    child.on('error', (cause) => {
      reject(systemErrors.make('tool-missing', `cannot start ${name}: ${messageOf(cause)}`, { cause }));
    });
  });
}
