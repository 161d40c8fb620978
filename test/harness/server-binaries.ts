/**
 * Where the PostgreSQL programs for tests are: the machine's own packages, else a tree that
 * `npm run test:servers` unpacked into the test cache. A server that is not there is an error, never a skipped test.
 */

import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Debian's suites and the PostgreSQL that each carries. */
export const debianSuites: Readonly<Record<number, string>> = {
  13: 'bullseye',
  15: 'bookworm',
  17: 'trixie',
  18: 'forky',
};

/** Written last into a tree: without it the tree is unfinished. */
export const treeStamp = '.complete';

/** Outside the checkout, and for root where the unprivileged user can reach it. */
export function testCacheDirectory(): string {
  const chosen = process.env['HOLDFAST_TEST_CACHE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  return process.getuid?.() === 0 ? '/var/cache/holdfast-test' : join(homedir(), '.cache/holdfast-test');
}

export function treeDirectory(major: number): string {
  return join(testCacheDirectory(), `pg${major}`);
}

/** The newest major version that the machine's own packages provide; throws when there is none. */
export function distributionMajor(): number {
  const newest = systemMajors().at(-1);
  if (newest !== undefined) return newest;
  throw new Error('no PostgreSQL server on this machine: run `node scripts/ensure-postgres.mjs`');
}

/** The folder with `postgres`, `initdb`, `pg_dump` and the others of this major version. */
export function serverBinaries(major: number): string {
  const system = systemFolders(major).find(isComplete);
  if (system !== undefined) return system;
  const tree = treeDirectory(major);
  const folder = join(tree, 'usr/lib/postgresql', String(major), 'bin');
  if (existsSync(join(tree, treeStamp)) && isComplete(folder)) return folder;
  throw new Error(`no PostgreSQL ${major} for tests: run \`npm run test:servers -- ${major}\` (looked in ${folder})`);
}

/** The versions this run is about: `HOLDFAST_TEST_MAJORS=17,18`, by default the distribution's. */
export function testedMajors(): readonly number[] {
  const chosen = (process.env['HOLDFAST_TEST_MAJORS'] ?? '').split(/[ ,]+/).filter((word) => word !== '');
  if (chosen.length === 0) return [distributionMajor()];
  return chosen.map((word) => {
    if (!/^\d+$/.test(word)) throw new Error(`HOLDFAST_TEST_MAJORS: ${word} is not a major version`);
    return Number(word);
  });
}

function systemMajors(): readonly number[] {
  const debian = '/usr/lib/postgresql';
  const named = existsSync(debian)
    ? readdirSync(debian)
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];
  return [...new Set([...named, ...Object.keys(debianSuites).map(Number), 14, 16])]
    .filter((major) => systemFolders(major).some(isComplete))
    .sort((a, b) => a - b);
}

function systemFolders(major: number): readonly string[] {
  return [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
  ];
}

function isComplete(folder: string): boolean {
  return ['postgres', 'initdb', 'pg_dump', 'pg_restore', 'psql'].every((name) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
