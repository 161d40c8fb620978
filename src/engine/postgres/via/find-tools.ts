/** Client tools for the work on one server: those of this machine, and when none fit, those where the server is. */

import { HoldfastError } from '../../../domain/error.ts';
import { chooseTools, findClientTools, type ClientTools } from '../client-tools.ts';
import type { PgAddress } from '../connection/address.ts';
import { postgresErrors } from '../errors.ts';
import { survey, type ToolsThere } from './survey.ts';
import { describePrefix, type Via } from './via.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `client-missing` or `client-too-old`, and what keeps one from looking there. */
export async function findTools(
  address: PgAddress,
  major: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<ClientTools> {
  try {
    return await findClientTools(major, environment);
  } catch (thrown) {
    const { via } = address;
    if (via === undefined || !isMissing(thrown)) throw thrown;
    const { tools } = await survey(via, signal);
    const best = chooseTools(
      tools.map((one) => toolsThere(one, via)),
      major,
    );
    if (best !== null) return best;
    throw nowhere(thrown, via);
  }
}

function toolsThere({ directory, major, version }: ToolsThere, via: Via): ClientTools {
  return { directory, major, version, tool: (name) => (serverTools.has(name) ? null : `${directory}/${name}`), via };
}

/** Throwaway servers are run here only. */
const serverTools: ReadonlySet<string> = new Set(['initdb', 'pg_ctl', 'postgres']);

function isMissing(thrown: unknown): thrown is HoldfastError & { code: 'client-missing' | 'client-too-old' } {
  return thrown instanceof HoldfastError && ['client-missing', 'client-too-old'].includes(thrown.code);
}

function nowhere(thrown: HoldfastError & { code: 'client-missing' | 'client-too-old' }, via: Via): HoldfastError {
  return postgresErrors.make(
    thrown.code,
    `${thrown.message}; none that fit are there either (${describePrefix(via.prefix)})`,
    {
      hint: `${thrown.hint} Those where the server is do as well.`,
      cause: thrown,
    },
  );
}
