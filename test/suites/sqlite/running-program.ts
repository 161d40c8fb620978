/** Other programs that work on a database file while a test runs. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Asks it to end; resolves with its last line. */
  stop(): Promise<string>;
}

/** Starts a program of this folder and waits until it says `ready`. Disposing kills it. */
export async function startProgram(name: string, ...args: readonly string[]): Promise<RunningProgram> {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.value !== 'ready') throw new Error(`${name} did not begin: ${String(first.value)}`);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin.end('stop\n');
      const last = await lines.next();
      await closed;
      return String(last.value);
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await closed;
    },
  };
}
