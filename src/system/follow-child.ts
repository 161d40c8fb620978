/** What happens to a child from its start to its end. */

import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ExitStatus, RunningChild } from './child-process.ts';
import { systemErrors } from './errors.ts';
import { isFailedStart } from './parent-death.ts';

const stderrTailBytes = 8192;
/** From asking a child to end to killing it. */
const patienceMs = 3000;
/** From a child's end to letting go of its stderr, which a program it left running may hold open. */
const strayMs = 2000;

export function followChild(child: ChildProcess, command: string, signal: AbortSignal): RunningChild {
  const ending = new Ending(child);
  const onAbort = (): void => {
    ending.stop();
  };
  const readTail = keepTail(child.stderr);
  keepUnread(child);
  // A reader that closed early is the reader's business: its own exit code tells what happened.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<ExitStatus>((resolve) => {
    child.once('close', (code, name) => {
      signal.removeEventListener('abort', onAbort);
      ending.over();
      resolve({ code, signal: name, stderr: readTail() });
    });
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    kill: (name = 'SIGTERM') => {
      ending.send(name);
    },
    succeed: async () => {
      if (isUntouched(child.stdout)) child.stdout?.resume();
      const status = await ended;
      signal.throwIfAborted();
      if (status.code !== 0) throw failure(command, status);
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin?.destroy();
      child.stdout?.destroy();
      ending.stop();
      await ended;
    },
  };
}

/** Asks a child to end, and makes it when it does not. */
class Ending {
  readonly #child: ChildProcess;
  #patience: NodeJS.Timeout | null = null;
  #stray: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.once('exit', () => {
      this.#stray = setTimeout(() => {
        child.stderr?.destroy();
      }, strayMs);
    });
  }

  send(name: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(name);
  }

  stop(): void {
    // A timer for one that has ended would keep this process waiting for nothing.
    if (this.#isOver || this.#patience !== null) return;
    this.send('SIGTERM');
    this.#patience = setTimeout(() => {
      this.send('SIGKILL');
    }, patienceMs);
  }

  over(): void {
    this.#isOver = true;
    if (this.#patience !== null) clearTimeout(this.#patience);
    if (this.#stray !== null) clearTimeout(this.#stray);
  }
}

/** Returns what gives the end of the stream, in whole lines. */
function keepTail(stream: Readable | null): () => string {
  let tail: Buffer = Buffer.alloc(0);
  let cut = false;
  stream?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]);
    if (tail.length <= stderrTailBytes) return;
    tail = tail.subarray(tail.length - stderrTailBytes);
    cut = true;
  });
  return () => {
    const firstLineEnd = cut ? tail.indexOf('\n') : -1;
    return tail
      .subarray(firstLineEnd + 1)
      .toString('utf8')
      .trim();
  };
}

/**
 * Node drains an output that nobody has begun to read when the child exits: a reader that comes later would get
 * nothing, and no error (lib/internal/child_process.js, flushStdio). A listener for that moment prevents it.
 */
function keepUnread(child: ChildProcess): void {
  const { stdout } = child;
  if (stdout === null) return;
  const keep = (): void => undefined;
  child.once('exit', () => {
    if (!isUntouched(stdout)) return;
    stdout.on('readable', keep);
    setImmediate(() => stdout.off('readable', keep));
  });
}

function isUntouched(stdout: Readable | null): boolean {
  return stdout?.readableFlowing === null && stdout.listenerCount('readable') === 0;
}

function failure(command: string, status: ExitStatus): Error {
  const name = command.slice(command.lastIndexOf('/') + 1);
  if (isFailedStart(status.code, status.stderr)) {
    return systemErrors.make('tool-missing', `cannot start ${name}: ${status.stderr}`);
  }
  const how = status.signal === null ? `exit code ${String(status.code)}` : `signal ${status.signal}`;
  const said = status.stderr === '' ? '' : `: ${status.stderr}`;
  return systemErrors.make('tool-failed', `${name} ended with ${how}${said}`);
}
