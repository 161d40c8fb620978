/** The path of one of the tools; tools were chosen so that the usual ones are there. */

import type { ClientTools, ToolName } from '../client-tools.ts';
import { postgresErrors } from '../errors.ts';

export function toolPath(tools: ClientTools, name: ToolName): string {
  const path = tools.tool(name);
  if (path !== null) return path;
  throw postgresErrors.make('client-missing', `${name} is not in ${tools.directory}`);
}
