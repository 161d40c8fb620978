/** Stock pg_restore as the witness of what an archive holds. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { libpqVariables } from '../../harness/psql.ts';
import type { TestServer } from '../../harness/postgres-server.ts';

/** Feeds the archive to pg_restore; returns its output. */
export async function runPgRestore(
  server: TestServer,
  archive: Buffer,
  args: readonly string[],
  database = 'postgres',
): Promise<string> {
  const child = spawn(join(server.binDirectory, 'pg_restore'), [...args], {
    env: libpqVariables(server, database),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(archive);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`pg_restore ended with ${String(code)}: ${complaint}`);
  return out;
}

/** `TABLE DATA public orders`, … of the table of contents. */
export async function listEntries(
  server: TestServer,
  archive: Buffer,
  description: string,
): Promise<readonly string[]> {
  const list = await runPgRestore(server, archive, ['--list']);
  const pattern = new RegExp(`^\\d+; \\d+ \\d+ ${description} (.*) \\S+$`);
  return list
    .split('\n')
    .map((line) => pattern.exec(line)?.[1])
    .filter((name) => name !== undefined)
    .toSorted();
}

/** Without the lines that hold a random key. */
export function withoutRestrictKey(sql: string): string {
  return sql.replaceAll(/^\\(?:un)?restrict .*\n/gm, '');
}
