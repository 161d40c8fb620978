/**
 * Which place in the repository each database of a server has. A database keeps the place where its backups are. A new one
 * takes its own name as a folder spells it; where that is another one's already, the name with eight hex digits of a hash of
 * it (more where even that is taken), so that two databases never share a place, and each has the same one in every run.
 */

import { createHash } from 'node:crypto';
import { databaseNameFrom } from '../../domain/backup-name.ts';

export interface NamedDatabase {
  /** Its own name on the server. */
  readonly name: string;
  /** The place that the settings give it; null: none. */
  readonly configured: string | null;
}

/** Says whose backups a place holds: the database's own name; null: it holds none. */
type OwnerOf = (place: string) => Promise<string | null>;

export async function placeNames(
  databases: readonly NamedDatabase[],
  ownerOf: OwnerOf,
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  for (const { name, configured } of databases) if (configured !== null) places.set(name, configured);
  const names = databases.map(({ name }) => name).filter((name) => !places.has(name));
  const owners = await readOwners(names, ownerOf);
  const taken = new Set(places.values());
  const take = (name: string, place: string): void => {
    places.set(name, place);
    taken.add(place);
  };
  for (const name of names) {
    const own = candidatesOf(name).findLast((place) => owners.get(place) === name && !taken.has(place));
    if (own !== undefined) take(name, own);
  }
  // A name that a folder can have as it is comes before one that had to be changed.
  const open = names.filter((name) => !places.has(name));
  const [asTheyAre, changed] = [isAsItIs, (name: string) => !isAsItIs(name)].map((has) => open.filter(has));
  for (const name of [...(asTheyAre ?? []), ...(changed ?? [])]) {
    const free = candidatesOf(name).find((place) => owners.get(place) === null && !taken.has(place));
    if (free === undefined) throw new Error(`every place that ${name} could have is another one's`);
    take(name, free);
  }
  return places;
}

async function readOwners(names: readonly string[], ownerOf: OwnerOf): Promise<ReadonlyMap<string, string | null>> {
  const owners = new Map<string, string | null>();
  for (const place of new Set(names.flatMap(candidatesOf))) {
    owners.set(place, await ownerOf(place));
  }
  return owners;
}

function isAsItIs(name: string): boolean {
  return databaseNameFrom(name) === name;
}

/** Digits of the hash behind a name; with all of them nobody finds a name that comes to the same place. */
const hashLengths = [8, 16, 32] as const;
const longestName = 63;

/** In the order in which a new database takes one. */
function candidatesOf(name: string): readonly string[] {
  const plain = databaseNameFrom(name);
  const hash = createHash('sha256').update(name).digest('hex');
  const hashed = hashLengths.map((length) => `${plain.slice(0, longestName - 1 - length)}-${hash.slice(0, length)}`);
  return [plain, ...hashed];
}
