/** Runs the commands of a backup's RESTORE.txt, as they stand there, the way a person without Holdfast would. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Lines that begin with four blanks. */
export async function readCommands(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'RESTORE.txt'), 'utf8');
  return text.split('\n').flatMap((line) => /^ {4}(\S.*)$/.exec(line)?.[1] ?? []);
}

/** All of them in one shell that stops at the first failure, in the folder; answers with what they printed. */
export async function runCommands(folder: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const script = (await readCommands(folder)).join('\n');
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', ...environment };
  const { stdout } = await run('bash', ['--norc', '-e', '-o', 'pipefail', '-c', script], {
    cwd: folder,
    env,
    maxBuffer: 1 << 26,
  });
  return stdout;
}
