/** Starts one of PostgreSQL's tools, on this machine or where the server is; its callers need not know which. */

import { plainEnvironment, startChild, type RunningChild } from '../../system/child-process.ts';
import { toolPath, type ClientTools, type ToolName } from './client-tools.ts';
import { libpqEnvironment, libpqVariables, type PgAddress } from './connection/address.ts';

export interface ToolRun {
  readonly tools: ClientTools;
  readonly name: ToolName;
  /** Addresses and passwords are never among them; paths only with tools of this machine. */
  readonly args: readonly string[];
  /** Null for a tool that connects to no server. */
  readonly address: PgAddress | null;
  /** Further environment, which overrides what the address says. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly stdin?: 'pipe' | 'ignore';
  readonly stdout?: 'pipe' | 'ignore';
}

/** Throws `client-missing` and `tool-missing`. */
export async function startTool(run: ToolRun, signal: AbortSignal): Promise<RunningChild> {
  const { tools, name, args, address, variables = {}, stdin = 'ignore', stdout = 'pipe' } = run;
  const program = toolPath(tools, name);
  if (tools.via === undefined) {
    const env = address === null ? plainEnvironment({ LC_ALL: 'C' }) : libpqEnvironment(address, variables);
    return startChild({ command: program, args, env, stdin, stdout }, signal);
  }
  const { startThere } = await import('./via/start-there.ts');
  const there = address === null ? { LC_ALL: 'C' } : libpqVariables(address, variables);
  return startThere(tools.via, { program, args, variables: there, stdin, stdout }, signal);
}
