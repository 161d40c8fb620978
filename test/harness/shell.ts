/** Runs what was exported in the shell that would run it, with programs of the test's own in front of the real ones. */

import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ShellRun {
  readonly code: number | null;
  readonly output: string;
}

/** Puts a program into the folder: a script of /bin/sh. */
export async function putProgram(folder: string, name: string, script: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** `date` that says what it is at `$NOW`. */
export async function putDate(folder: string): Promise<void> {
  await putProgram(folder, 'date', 'exec /bin/date -d "$NOW" "$@"');
}

export function runShell(
  shell: readonly string[],
  script: string,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): ShellRun {
  const [command = '/bin/sh', ...args] = shell;
  const env = { PATH: `${folder}:/usr/bin:/bin`, TZ: 'UTC', ...environment };
  const done = spawnSync(command, [...args, script], { cwd: folder, env, encoding: 'utf8' });
  return { code: done.status, output: done.stdout + done.stderr };
}
