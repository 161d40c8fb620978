/**
 * Which place in the repository each database of a server has. A database keeps the place where its backups are. A new one
 * takes its own name as a folder spells it; where that is another one's already, the name with eight hex digits of a hash of
 * it, so that two databases never share a place, and each has the same one in every run.
 */

import { createHash } from 'node:crypto';
import { databaseNameFrom } from '../../domain/backup-name.ts';

export interface NamedDatabase {
  /** Its own name on the server. */
  readonly name: string;
  /** The place that the settings give it; null: none. */
  readonly configured: string | null;
}

/** `ownerOf` says whose backups a place holds: the database's own name; null: it holds none. */
export async function placeNames(
  databases: readonly NamedDatabase[],
  ownerOf: (place: string) => Promise<string | null>,
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  const taken = new Set<string>();
  const take = (name: string, place: string): void => {
    places.set(name, place);
    taken.add(place);
  };
  for (const { name, configured } of databases) if (configured !== null) take(name, configured);
  const owners = new Map<string, string | null>();
  const open = databases.filter(({ name }) => !places.has(name)).map(({ name }) => name);
  for (const name of open) {
    for (const place of [databaseNameFrom(name), hashedName(name)]) {
      if (!owners.has(place)) owners.set(place, await ownerOf(place));
    }
  }
  const isTheirs = (place: string, name: string): boolean => owners.get(place) === name && !taken.has(place);
  for (const name of open) {
    const place = [hashedName(name), databaseNameFrom(name)].find((one) => isTheirs(one, name));
    if (place !== undefined) take(name, place);
  }
  // A name that a folder can have as it is comes before one that had to be changed.
  for (const isAsItIs of [true, false]) {
    for (const name of open) {
      const plain = databaseNameFrom(name);
      if (places.has(name) || (plain === name) !== isAsItIs) continue;
      take(name, owners.get(plain) === null && !taken.has(plain) ? plain : hashedName(name));
    }
  }
  return places;
}

function hashedName(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${databaseNameFrom(name).slice(0, 54)}-${hash}`;
}
