/** Files as teams' scripts leave them, made by the very commands that those scripts run, in a shell. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { libpqVariables } from './psql.ts';
import type { TestServer } from './postgres-server.ts';

const run = promisify(execFile);

/** Runs a line of a script in the folder, with the server's own tools first in PATH and libpq led to the database. */
export async function shell(
  line: string,
  folder: string,
  server: TestServer | null,
  database = 'app',
): Promise<string> {
  const variables = server === null ? {} : libpqVariables(server, database);
  const path = [...(server === null ? [] : [server.binDirectory]), process.env['PATH'] ?? ''].join(':');
  const { stdout } = await run('/bin/bash', ['-c', `set -euo pipefail; ${line}`], {
    cwd: folder,
    env: { LC_ALL: 'C.UTF-8', HOME: folder, ...variables, PATH: path },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
