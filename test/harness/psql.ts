/** Runs SQL on a test server through its own psql: the independent witness of what the program under test did. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';

export interface PsqlTarget {
  readonly binDirectory: string;
  readonly socketDirectory: string;
  readonly port: number;
  readonly superuser: string;
}

/** The environment that leads libpq's programs to the server, by its socket. */
export function libpqVariables(target: PsqlTarget, database: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    LC_ALL: 'C.UTF-8',
    PGHOST: target.socketDirectory,
    PGPORT: String(target.port),
    PGUSER: target.superuser,
    PGDATABASE: database,
  };
}

export async function runPsql(
  target: PsqlTarget,
  sql: string,
  database: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const given = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const child = spawn(join(target.binDirectory, 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...given], {
    env: libpqVariables(target, database),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // psql that stopped at an error reads no further; its exit code says so.
  child.stdin.on('error', () => undefined);
  child.stdin.end(sql);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`psql ended with ${String(code)}: ${complaint.trim()}`);
  return out.replace(/\n$/, '');
}
