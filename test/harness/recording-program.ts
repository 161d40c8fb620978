/** A program of a given name that keeps the arguments and the standard input it was called with. */

import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RecordingProgram {
  /** To be put into PATH before the others. */
  readonly folder: string;
  readonly path: string;
  /** One argument a line; throws before the first call. */
  arguments(): Promise<readonly string[]>;
  input(): Promise<string>;
}

/** `tail`: what the script does at its end. Default: it succeeds. */
export async function makeRecordingProgram(within: string, name: string, tail = 'exit 0'): Promise<RecordingProgram> {
  const folder = join(within, `bin-${name}`);
  await mkdir(folder);
  const path = join(folder, name);
  const quoted = `'${folder.replaceAll("'", `'\\''`)}'`;
  await writeFile(path, `#!/bin/sh\nprintf '%s\\n' "$@" >${quoted}/arguments\ncat >${quoted}/input\n${tail}\n`);
  await chmod(path, 0o755);
  return {
    folder,
    path,
    arguments: async () => (await readFile(join(folder, 'arguments'), 'utf8')).trimEnd().split('\n'),
    input: () => readFile(join(folder, 'input'), 'utf8'),
  };
}
