/** Whether a process of this machine still runs; with its start time also whether it is still the same one. */

import { readFileSync } from 'node:fs';

/** False for a zombie, and for another process that got the number since (`startedTicks` tells, on Linux). */
export function isProcessAlive(pid: number, startedTicks?: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it is there, and somebody else's.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = readStat(pid);
  if (stat === null) return true;
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return startedTicks === undefined || stat.startedTicks === startedTicks;
}

/** Clock ticks from the machine's start to the process's: unique together with the number. Null off Linux. */
export function processStartTicks(pid: number): number | null {
  return readStat(pid)?.startedTicks ?? null;
}

/** proc_pid_stat(5): the name in parentheses may hold anything, so fields count from its last `)`. */
function readStat(pid: number): { readonly state: string; readonly startedTicks: number } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  } catch {
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const started = fields[19];
  return state === undefined || started === undefined ? null : { state, startedTicks: Number(started) };
}
