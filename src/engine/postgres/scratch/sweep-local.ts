/** Stops and removes what killed runs left on this machine: throwaway servers and temporary files. */

import { lstat, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import { isProcessAlive } from '../../../system/process-alive.ts';
import { findAbandonedDirectories } from '../../../system/temporary-directory.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import { readAbandoned } from './scratch-record.ts';

const patienceMs = 5000;

export async function sweepLocal(parts: PostgresParts, work: Work): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const record of await readAbandoned(parts.stateDirectory)) {
    // Only what we make ourselves is ever removed, whatever a note says.
    if (basename(record.directory).startsWith('holdfast-scratch-')) {
      const wasRunning = await stopServer(record.directory, work.signal);
      await rm(record.directory, { recursive: true, force: true, maxRetries: 3 });
      findings.push(
        swept(
          `${wasRunning ? 'stopped and removed' : 'removed'} the throwaway server that a killed run left in ${record.directory}`,
        ),
      );
    }
    await rm(record.file, { force: true });
  }
  for (const [purpose, place] of temporaryPlaces(parts.stateDirectory)) {
    for (const directory of await findAbandonedDirectories(purpose, place).catch(() => [])) {
      if (!(await isOurs(directory))) continue;
      if (purpose === 'scratch') await stopServer(directory, work.signal);
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      findings.push(swept(`removed the temporary folder that a killed run left: ${directory}`));
    }
  }
  return findings;
}

function temporaryPlaces(stateDirectory: string): readonly (readonly [purpose: string, place: string])[] {
  const places = [...new Set([tmpdir(), '/tmp', '/var/tmp', stateDirectory])];
  return places.flatMap((place) => ['restore', 'scratch', 'relay'].map((purpose) => [purpose, place] as const));
}

/** Other users of this machine clear up after themselves; root, whose servers run as somebody else, after all. */
async function isOurs(directory: string): Promise<boolean> {
  const uid = process.getuid?.();
  return uid === 0 || (await lstat(directory)).uid === uid;
}

/** True when a server was running on the folder. */
async function stopServer(directory: string, signal: AbortSignal): Promise<boolean> {
  const pid = await serverProcess(directory);
  if (pid === null) return false;
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, name);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 50) {
      if (!isProcessAlive(pid)) return true;
      await sleep(50, undefined, { signal });
    }
  }
  return true;
}

/** The postmaster of the folder; null when there is none, or when the number is another program's by now. */
async function serverProcess(directory: string): Promise<number | null> {
  const data = join(directory, 'data');
  const first = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(first.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isProcessAlive(pid)) return null;
  const command = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(data) ? pid : null;
}

function swept(message: string): Finding {
  return { severity: 'note', code: 'swept', message, hint: '' };
}
