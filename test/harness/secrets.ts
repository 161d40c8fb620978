/** Looks for a secret where it must never be: command lines of processes, output, files. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The forms in which a program may let a password slip. */
export function formsOf(secret: string): readonly string[] {
  const encoded = encodeURIComponent(secret);
  return [...new Set([secret, encoded, encoded.toLowerCase(), encodeURI(secret), JSON.stringify(secret).slice(1, -1)])];
}

export function holds(text: string, secret: string): boolean {
  return formsOf(secret).some((form) => text.includes(form));
}

export interface CommandLineWatch extends AsyncDisposable {
  /** Command lines that held the secret. */
  readonly found: readonly string[];
}

/** Reads all command lines of this machine again and again, until it is disposed. */
export function watchCommandLines(secret: string): CommandLineWatch {
  const found: string[] = [];
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
        // It may have ended since.
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (holds(command, secret)) found.push(command.replaceAll('\0', ' '));
      }
      await sleep(25);
    }
  })();
  return {
    found,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await watching;
    },
  };
}

/** Files below the folder that hold the secret. */
export async function filesHolding(folder: string, secret: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files) if (holds(await readFile(file, 'utf8'), secret)) found.push(file);
  return found;
}
