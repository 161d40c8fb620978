/**
 * Runs one program to its end with all that it starts, in a process group of its own: what it says comes line by line; when it
 * takes too long or we are interrupted, the whole group is asked to end (SIGTERM), then made to (SIGKILL). What it leaves
 * running on purpose (a service it started) goes on, and nobody waits for it.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { boundToParent } from './parent-death.ts';

export interface StepSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Each line of both outputs, as it comes. */
  readonly onLine: (line: string) => void;
}

export interface StepEnd {
  /** Null when a signal ended it, or it could not be started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly interrupted: boolean;
  /** Why it could not be started; null when it was. */
  readonly notStarted: string | null;
}

const patienceMs = 5000;
/** From the program's end to letting go of outputs that something it started holds open. */
const strayMs = 500;

/** Never rejects for what the program does. */
export async function runStep(spec: StepSpec, signal: AbortSignal): Promise<StepEnd> {
  const run = await boundToParent(spec.command, spec.args, 'SIGKILL');
  if (signal.aborted) return { ...unfinished, interrupted: true };
  const child = spawn(run.command, run.args, {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that all of it can be ended, and Ctrl-C does not reach it before us.
    detached: true,
  });
  const outputs = Promise.all([follow(child.stdout, spec.onLine), follow(child.stderr, spec.onLine)]);
  const group = new Group(child);
  const timer = setTimeout(() => {
    group.end('timeout');
  }, spec.timeoutMs);
  const onAbort = (): void => {
    group.end('interrupt');
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const end = await ended(child);
    await Promise.race([outputs, pause(strayMs)]);
    group.over();
    return { ...end, timedOut: group.reason === 'timeout', interrupted: group.reason === 'interrupt' };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

const unfinished: StepEnd = { code: null, signal: null, timedOut: false, interrupted: false, notStarted: null };

function ended(child: ChildProcess): Promise<Pick<StepEnd, 'code' | 'signal' | 'notStarted'>> {
  return new Promise((resolve) => {
    child.once('error', (cause) => {
      resolve({ code: null, signal: null, notStarted: cause.message });
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal, notStarted: null });
    });
  });
}

async function follow(output: Readable, onLine: (line: string) => void): Promise<void> {
  output.on('error', () => undefined);
  for await (const line of createInterface({ input: output, crlfDelay: Infinity })) onLine(line);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** The child's process group: its number is the child's. */
class Group {
  readonly #child: ChildProcess;
  #patience: NodeJS.Timeout | null = null;
  reason: 'timeout' | 'interrupt' | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  end(reason: 'timeout' | 'interrupt'): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.#send('SIGTERM');
    this.#patience = setTimeout(() => {
      this.#send('SIGKILL');
    }, patienceMs);
  }

  /** The child is gone. What it started is ended too, but only if the child itself had to be. */
  over(): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    if (this.reason !== null) this.#send('SIGKILL');
  }

  #send(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch (cause) {
      // Nobody of the group is left.
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  }
}
