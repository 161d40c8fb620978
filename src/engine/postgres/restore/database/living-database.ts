/** The properties of a database that exists, for a copy of it: pg_dump writes them down even when told to dump nothing. */

import { withDatabase } from '../../connection/address.ts';
import { startTool } from '../../start-tool.ts';
import { findTools } from '../../via/find-tools.ts';
import { databaseArgument } from '../load/conninfo.ts';
import type { RestoreContext } from '../context.ts';
import { databaseStatements, type DatabaseStatementOptions, type DatabaseStatements } from './database-statements.ts';
import { readToc } from '../load/read-head.ts';

/** Statements that make the database `name` with what belongs to the database `living` itself. */
export async function livingStatements(
  context: RestoreContext,
  living: string,
  name: string,
  options: DatabaseStatementOptions,
  signal: AbortSignal,
): Promise<DatabaseStatements | null> {
  const tools = await findTools(context.address, options.serverMajor, context.environment, signal);
  await using child = await startTool(
    {
      tools,
      name: 'pg_dump',
      args: ['--format=custom', '--schema-only', '--exclude-schema=*', '--no-password', databaseArgument(living)],
      address: withDatabase(context.address, living),
    },
    signal,
  );
  if (child.stdout === null) throw new TypeError('the program was started without an output');
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  await child.succeed();
  return databaseStatements(await readToc(fromMemory(chunks)), name, options);
}

async function* fromMemory(chunks: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* chunks;
}
