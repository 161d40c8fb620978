/** Reads what PostgreSQL's tools say on stderr when they fail (English: the environment asks for it). */

import type { HoldfastError } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { ExitStatus } from '../../../system/child-process.ts';
import { postgresErrors } from '../errors.ts';

type ToolFailure = 'dump-failed' | 'sql-failed' | 'globals-failed';

/** The error for a tool that did not end well. */
export function toolError(code: ToolFailure, tool: string, status: ExitStatus): HoldfastError {
  const lines = status.stderr.split('\n').filter((line) => line.trim() !== '');
  const said = (lines.find((line) => /\b(?:error|fatal):/i.test(line)) ?? lines[0] ?? '')
    .replace(/^\w+: (?:error: )?/, '')
    .trim();
  const detail = lines.find((line) => line.includes('detail:'))?.replace(/^.*detail: /, '');
  const message = [said, detail].filter((text) => text !== undefined && text !== '').join('; ');
  const how = status.signal === null ? `exit code ${String(status.code)}` : `signal ${status.signal}`;
  return (
    knownFailure(tool, message, status) ??
    postgresErrors.make(code, `${tool} ended with ${how}${message === '' ? '' : `: ${message}`}`)
  );
}

/** Null for a failure that only the tool's own words explain. */
function knownFailure(tool: string, message: string, status: ExitStatus): HoldfastError | null {
  // --lock-wait-timeout works through statement_timeout.
  if (/due to (?:lock|statement) timeout/.test(status.stderr) && /LOCK TABLE/.test(status.stderr)) {
    return postgresErrors.make('lock-overtaken', `${tool} could not lock the tables: ${message}`);
  }
  if (/max_locks_per_transaction|out of shared memory/.test(status.stderr)) {
    return postgresErrors.make('lock-table-full', `${tool}: ${message}`);
  }
  if (/aborting because of server version mismatch/.test(status.stderr)) {
    return postgresErrors.make('client-too-old', `${tool} is older than the server`);
  }
  if (/no matching (?:tables|schemas|extensions) were found/.test(status.stderr)) {
    return postgresErrors.make('nothing-in-scope', `${tool}: ${message}`);
  }
  if (/server closed the connection|terminating connection|connection to server was lost/.test(status.stderr)) {
    return postgresErrors.make('server-gone', `${tool} lost its connection: ${message}`);
  }
  if (!endedElsewhere(status)) return null;
  const way = message === '' ? `exit code ${String(status.code)}` : message;
  return postgresErrors.make('server-gone', `${tool}, run where the server is, was ended: ${way}`);
}

/**
 * A tool in a container that was stopped (128 and the signal), or behind a connection of ssh that was lost (255): the tools
 * themselves end with 1.
 */
export function endedElsewhere({ code, stderr }: ExitStatus): boolean {
  return (code === 137 || code === 143 || code === 255) && !/^(?:pg_\w+|psql)(?::.*)?: (?:error|fatal)/m.test(stderr);
}

/** What a tool that ended well had to say: its own warnings, each once, and the server's as notes. */
export function toolWarnings(tool: string, stderr: string): readonly Finding[] {
  const lines = [...new Set(stderr.split('\n').map((line) => line.trim()))];
  return lines.flatMap((line): readonly Finding[] => {
    const own = /^\w+: warning: (.+)$/.exec(line)?.[1];
    const ofServer = /^WARNING: +(.+)$/.exec(line)?.[1];
    const message = own ?? ofServer;
    if (message === undefined) return [];
    const severity = own === undefined ? 'note' : 'warning';
    return [{ severity, code: 'dump-warning', message: `${tool}: ${message}`, hint: '' }];
  });
}
