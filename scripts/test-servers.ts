/**
 * `npm run test:servers -- [MAJOR...]`: unpacks PostgreSQL servers of other Debian suites for the tests (default 15, 17,
 * 18 and 13) into the test cache. Those that the machine has already, or that were unpacked before, are left alone.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  debianSuites,
  serverBinaries,
  testCacheDirectory,
  treeDirectory,
  treeStamp,
} from '../test/harness/server-binaries.ts';

const scripts = import.meta.dirname;
const words = process.argv.slice(2);

if (words[0] === '--locked') unpack(Number(words[1]));
else for (const major of words.length > 0 ? words.map(Number) : [15, 17, 18, 13]) install(major);

function install(major: number): void {
  if (isThere(major)) return;
  if (debianSuites[major] === undefined) fail(`no Debian suite is known for PostgreSQL ${major}`);
  run(process.execPath, [join(scripts, 'ensure-postgres.mjs'), '--trees']);
  mkdirSync(testCacheDirectory(), { recursive: true, mode: 0o755 });
  // Whoever comes second waits, and then finds the tree.
  const lock = `${treeDirectory(major)}.lock`;
  run('flock', [lock, process.execPath, resolve(scripts, 'test-servers.ts'), '--locked', String(major)]);
}

function unpack(major: number): void {
  if (isThere(major)) return;
  const tree = treeDirectory(major);
  process.stderr.write(`setup: unpacking PostgreSQL ${major} of Debian ${debianSuites[major] ?? ''} into ${tree}\n`);
  const packages = [`postgresql-${major}`, `postgresql-client-${major}`];
  run(join(scripts, 'debtree.sh'), [debianSuites[major] ?? '', tree, ...packages]);
  const program = join(tree, 'usr/lib/postgresql', String(major), 'bin/postgres');
  run(program, ['--version']);
  writeFileSync(join(tree, treeStamp), '');
}

function isThere(major: number): boolean {
  try {
    serverBinaries(major);
    return true;
  } catch {
    return false;
  }
}

function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (done.error !== undefined) fail(`cannot start ${command}: ${done.error.message}`);
  if (done.status !== 0) fail(`${command} ${args.join(' ')} ended with ${String(done.status)}`);
}

function fail(message: string): never {
  process.stderr.write(`setup: ${message}\n`);
  process.exit(1);
}
