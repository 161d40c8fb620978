/**
 * `npm test`, `npm run test:outside` and `npm run test:versions`: prepares the servers a size needs, then runs vitest on it.
 * Further arguments go to vitest.
 */

import { distributionMajor } from '../test/harness/server-binaries.ts';
import { runNode } from './run-node.ts';

interface Size {
  readonly projects: readonly string[];
  /** Besides the distribution's. */
  readonly majors: readonly number[];
  /** Flags of scripts/ensure-postgres.mjs. */
  readonly tools?: readonly string[];
}

const sizes: Readonly<Record<string, Size>> = {
  small: { projects: ['unit', 'small'], majors: [] },
  outside: { projects: ['outside'], majors: [], tools: ['--outside'] },
  versions: { projects: ['versions'], majors: [15, 17, 18, 13] },
};

const [name = 'small', ...rest] = process.argv.slice(2);
const size = sizes[name];
if (size === undefined) {
  process.stderr.write(`usage: scripts/test.ts ${Object.keys(sizes).join('|')} [VITEST ARGUMENT...]\n`);
  process.exitCode = 2;
} else process.exitCode = await runTests(size);

async function runTests({ projects, majors, tools = ['--tests'] }: Size): Promise<number> {
  const prepared = (await runNode('scripts/ensure-postgres.mjs', tools)) || (await installServers(majors));
  if (prepared !== 0) return prepared;
  const tested = majors.length > 0 ? majors : [distributionMajor()];
  // The tests' own target is the only one: what the caller's shell names is somebody's database.
  const { DATABASE_URL, ...environment } = process.env;
  return await runNode(
    'node_modules/vitest/vitest.mjs',
    ['run', ...projects.flatMap((project) => ['--project', project]), ...rest],
    { HOLDFAST_TEST_MAJORS: tested.join(','), ...environment },
  );
}

async function installServers(majors: readonly number[]): Promise<number> {
  return majors.length === 0 ? 0 : await runNode('scripts/test-servers.ts', majors.map(String));
}
