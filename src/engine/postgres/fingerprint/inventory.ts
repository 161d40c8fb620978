/** Every object of a database that is neither a table's rows nor a sequence's value, as facts that survive a restore. */

import type { ObjectFingerprint } from '../../../domain/fingerprint.ts';
import type { Session } from '../connection/session.ts';
import { databaseQueries } from './inventory/database-objects.ts';
import type { InventoryQuery } from './inventory/inventory-query.ts';
import { noteQueries } from './inventory/notes.ts';
import { relationQueries } from './inventory/relations.ts';
import { routineQueries } from './inventory/routines.ts';
import { tablePartQueries } from './inventory/table-parts.ts';
import { typeQueries } from './inventory/types.ts';

/** In the session's snapshot; search_path must be pg_catalog. By kind, then by name. */
export async function readObjects(session: Session, major: number): Promise<readonly ObjectFingerprint[]> {
  const queries = [databaseQueries, typeQueries, routineQueries, relationQueries, tablePartQueries, noteQueries];
  const objects: ObjectFingerprint[] = [];
  for (const query of queries.flatMap((ofMajor) => ofMajor(major))) {
    objects.push(...(await readKind(session, query)));
  }
  return objects;
}

async function readKind(session: Session, query: InventoryQuery): Promise<readonly ObjectFingerprint[]> {
  const rows = await session.query<{ readonly name: string } & Readonly<Record<string, unknown>>>(
    `select * from (${query.sql}) as o order by name collate "C"`,
  );
  return rows.map(({ name, ...facts }) => ({ kind: query.kind, name, facts: describeFacts(facts) }));
}

/** One line, for programs to compare and people to read: `type integer; not_null; place 1`. What is not there is left out. */
function describeFacts(facts: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(facts).flatMap(([name, value]) => {
    if (value === null || value === false || value === '') return [];
    if (value === true) return [name];
    return [`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
  return words.join('; ');
}
