/** Starts a throwaway server, says so and waits to be killed: `hold-scratch.ts STATE BIN`. */

import { findServerBinaries } from '../../../src/engine/postgres/client-tools.ts';
import { startLocalServer } from '../../../src/engine/postgres/scratch/local-server.ts';

const [stateDirectory = '', binDirectory = ''] = process.argv.slice(2);
const binaries = await findServerBinaries(13, { HOLDFAST_PG_BIN: binDirectory });
await startLocalServer(
  { binaries, wantedBytes: 100_000_000, stateDirectory, preload: [] },
  new AbortController().signal,
);
process.stdout.write('ready\n');
setInterval(() => undefined, 1000);
