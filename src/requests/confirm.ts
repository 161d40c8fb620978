/** What the command line asks before something is replaced, a program says beforehand. */

import { requestErrors } from './errors.ts';

/** Throws `declined` unless the given name is that of the database. */
export function confirmByName(databaseName: string, confirmed: string | undefined): void {
  if (confirmed === databaseName) return;
  const given = confirmed === undefined ? 'confirm is not given' : `confirm names "${confirmed}"`;
  throw requestErrors.make('declined', `${given}, and ${databaseName} would be replaced; nothing was changed`, {
    hint: `Look at the plan, then pass confirm: '${databaseName}'.`,
  });
}
