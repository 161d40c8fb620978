/** Whose backups a prune looks at, when none is named. */

import { requestErrors } from './errors.ts';
import { databasesMeant, type Chosen, type Settled } from './choose.ts';

export interface ChosenDatabases {
  readonly databases: readonly string[];
  readonly chosen: Chosen;
}

/**
 * Without a name: those of the settings. Others in the same repository may have rules elsewhere. `choose` is given whether
 * all are meant.
 */
export async function databasesToPrune(
  isNamed: boolean,
  choose: (options: { readonly all: boolean }) => Promise<Chosen>,
  settled: Settled,
): Promise<ChosenDatabases> {
  const configured = await databasesMeant(settled);
  const all = !isNamed && configured.length > 1;
  const chosen = await choose({ all });
  if (chosen.backup !== null) throw requestErrors.make('usage', `"${chosen.backup}" is not the name of a database`);
  if (all) return { databases: configured, chosen };
  if (chosen.database !== null) return { databases: [chosen.database], chosen };
  // Nothing is configured and nothing is stored: an empty repository, or none, which is an error.
  await (await settled.parts()).repository({ create: false });
  return { databases: [], chosen };
}
