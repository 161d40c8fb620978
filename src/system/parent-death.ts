/**
 * Children that do not outlive us, even when we are killed: `setpriv --pdeathsig` (util-linux 2.33 and newer; prctl(2),
 * PR_SET_PDEATHSIG). Where it is missing (macOS, BusyBox, old systems) a child of a killed parent goes on until it
 * writes into the closed pipe.
 */

import { execFile } from 'node:child_process';
import { findProgram } from './find-program.ts';

let known: Promise<string | null> | null = null;

/** The command and its arguments, bound to this process's life if that can be had. */
export async function boundToParent(
  command: string,
  args: readonly string[],
  deathSignal: 'SIGKILL' | 'SIGQUIT',
): Promise<{ readonly command: string; readonly args: string[] }> {
  known ??= probe();
  const setpriv = await known;
  if (setpriv === null) return { command, args: [...args] };
  return { command: setpriv, args: ['--pdeathsig', deathSignal.slice('SIG'.length), '--', command, ...args] };
}

/** Asks the program itself: an option it does not know ends it with an error before it prints its version. */
async function probe(): Promise<string | null> {
  const path = findProgram('setpriv', '/usr/bin:/bin:/usr/local/bin');
  if (path === null) return null;
  return new Promise((resolve) => {
    execFile(path, ['--pdeathsig', 'KILL', '--version'], { env: {} }, (error) => {
      resolve(error === null ? path : null);
    });
  });
}

/** True when the end of a bound child was setpriv's own: it could not start the program. */
export function isFailedStart(code: number | null, stderr: string): boolean {
  return (code === 126 || code === 127) && /^setpriv: failed to execute /m.test(stderr);
}
