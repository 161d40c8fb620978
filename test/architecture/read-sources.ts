/** The repository's own TypeScript files, as the architecture test judges them. */

import { glob, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { SourceFiles } from './judge.ts';

const root = join(import.meta.dirname, '../..');

export async function readSources(): Promise<SourceFiles> {
  const files = new Map<string, string>();
  for await (const found of glob(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/*.ts'], { cwd: root })) {
    const path = found.split(sep).join('/');
    // AssemblyScript is another language in TypeScript's clothes; it imports nothing of ours.
    if (!path.includes('/assembly/')) files.set(path, await readFile(join(root, found), 'utf8'));
  }
  return files;
}
