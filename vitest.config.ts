/**
 * By size. `unit`: beside the source, no server. `small`: everything on the distribution's PostgreSQL. `versions`: what
 * depends on the server's version, on those named in HOLDFAST_TEST_MAJORS. `outside`: what other programs say of the files
 * we write for them. `long`: what takes minutes for each version, for `npm run test:full` only.
 */

import { defineConfig } from 'vitest/config';

const serverTests = { globalSetup: ['test/harness/global-setup.ts'], testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'small',
          include: ['test/{suites,e2e,crash,compat,harness,checks,versions}/**/*.test.ts'],
          ...serverTests,
        },
      },
      { test: { name: 'outside', include: ['test/outside/**/*.test.ts'], ...serverTests } },
      { test: { name: 'versions', include: ['test/versions/**/*.test.ts'], ...serverTests } },
      { test: { name: 'long', include: ['test/long/**/*.test.ts'], ...serverTests } },
    ],
  },
});
