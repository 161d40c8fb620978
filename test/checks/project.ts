/**
 * A copy of this repository's checks beside other sources: shows that a check fails when it should. The copy lies in a
 * temporary directory, with the repository's own packages linked in.
 */

import { spawn } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

export interface CheckOutcome {
  readonly code: number | null;
  readonly output: string;
}

export interface Project extends AsyncDisposable {
  readonly path: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** `npm run check -- STEP`. */
  check(step: string): Promise<CheckOutcome>;
  run(script: string, ...args: readonly string[]): Promise<CheckOutcome>;
}

const root = join(import.meta.dirname, '../..');
const configuration = [
  'package.json',
  'tsconfig.json',
  'eslint.config.js',
  'biome.json',
  'knip.json',
  'vitest.config.ts',
];
const smallest = ['scripts/check.ts', 'src/domain/clock.ts', 'src/domain/error.ts', 'src/system/wall-clock.ts'];
const everything = ['scripts', 'src', 'docs', 'test/architecture.test.ts', 'test/architecture', 'test/harness'];

/** `smallest` has just what the check script imports. */
export async function makeProject(size: 'smallest' | 'everything'): Promise<Project> {
  const directory = await makeTestDirectory('checks');
  for (const path of [...configuration, ...(size === 'smallest' ? smallest : everything)]) {
    await cp(join(root, path), join(directory.path, path), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory.path, 'node_modules'));
  return open(directory);
}

function open(directory: TestDirectory): Project {
  const run = (script: string, ...args: readonly string[]): Promise<CheckOutcome> =>
    runNode(directory.path, [script, ...args]);
  return {
    path: directory.path,
    run,
    check: (step) => run('scripts/check.ts', step),
    write: async (files) => {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(directory.path, path)), { recursive: true });
        await writeFile(join(directory.path, path), content);
      }
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function runNode(cwd: string, args: readonly string[]): Promise<CheckOutcome> {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: out + complaint };
}
