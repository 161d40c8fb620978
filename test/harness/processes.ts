/** Looks at the processes of this machine (proc(5)): who lives, and what their command lines say. */

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LivingProcess {
  readonly pid: number;
  /** The program's name, at most 15 bytes. */
  readonly name: string;
  /** Its words, parted by spaces. */
  readonly command: string;
}

/** Processes that have this text in their environment; their children have it too, unless they were given another. */
export async function processesWith(environmentText: string): Promise<readonly LivingProcess[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process may end between the listing and the look, and a dead one has neither words nor environment.
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const [environment, name, command] = [await read('environ'), await read('comm'), await read('cmdline')];
      if (!environment.includes(environmentText) || command === '') return null;
      return { pid: Number(pid), name: name.trim(), command: command.replaceAll('\0', ' ').trim() };
    }),
  );
  return found.filter((one) => one !== null);
}

/** Waits until no process has the text in its environment; answers with those that stay, after this time. */
export async function waitForNone(environmentText: string, patienceMs: number): Promise<readonly LivingProcess[]> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    const found = await processesWith(environmentText);
    if (found.length === 0 || waitedMs >= patienceMs) return found;
    await sleep(50);
  }
}
