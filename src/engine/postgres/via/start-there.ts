/**
 * One of PostgreSQL's tools, run where the server is. Its settings and the password are the first lines of its standard
 * input, never arguments, which anybody there could read. It ends when its input does, also when we are killed.
 */

import { startChild, type RunningChild } from '../../../system/child-process.ts';
import { postgresErrors } from '../errors.ts';
import { chooseRoute } from './choose-route.ts';
import { survey } from './survey.ts';
import { commandThere, type Via } from './via.ts';

export interface ToolThere {
  /** The program's path there. */
  readonly program: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly stdin: 'pipe' | 'ignore';
  readonly stdout: 'pipe' | 'ignore';
}

/** What that place's own environment must not decide: everything that would lead to another server or user. */
const unsetThere = 'unset PGHOSTADDR PGSERVICE PGSERVICEFILE PGPASSWORD PGOPTIONS PGSSLMODE PGREQUIRESSL PGREQUIREPEER';
const readVariables = 'while IFS= read -r line && [ -n "$line" ]; do export "$line"; done';
/** The tool reads what follows the variables. */
const withInput = `${unsetThere}\n${readVariables}\nexec "$@"`;
/** The tool reads nothing: its input only says, by ending, that it is not wanted any more. */
const withoutInput = `${unsetThere}
${readVariables}
exec 3<&0
"$@" </dev/null 3<&- &
tool=$!
{ while IFS= read -r line; do :; done; kill $tool; } <&3 >/dev/null 2>&1 &
watch=$!
wait $tool
status=$?
kill $watch 2>/dev/null
exit $status`;

export async function startThere(via: Via, tool: ToolThere, signal: AbortSignal): Promise<RunningChild> {
  const route = chooseRoute(await survey(via, signal), via);
  const variables = { ...tool.variables, PGHOST: route.host, PGPORT: String(route.port) };
  const script = tool.stdin === 'pipe' ? withInput : withoutInput;
  const { command, args } = commandThere(via.prefix, ['sh', '-c', script, 'sh', tool.program, ...tool.args]);
  const head = linesOf(variables);
  const child = await startChild(
    { command, args, stdin: 'pipe', stdout: tool.stdout, detached: true, deathSignal: 'SIGKILL' },
    signal,
  );
  child.stdin?.write(head);
  return child;
}

/** One to a line, and an empty line behind the last. */
function linesOf(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!/[\0\n]/.test(value)) return `${name}=${value}\n`;
    const what = name === 'PGPASSWORD' ? 'the password' : name;
    throw postgresErrors.make(
      'invalid-target',
      `${what} holds a line break, and cannot be given to client tools elsewhere`,
      {
        hint: 'Install client tools of the server’s version on this machine, or change the value.',
      },
    );
  });
  return `${lines.join('')}\n`;
}
