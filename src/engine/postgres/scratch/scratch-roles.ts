/**
 * Roles and tablespaces that a database refers to, made anew on a throwaway server. They can log in nowhere and have no
 * rights, but for those who own what only superusers may own: their statements would fail otherwise. Of a script nobody
 * knows who owns what before it runs: there all are superusers.
 */

import type { ArchiveToc } from '../archive/toc.ts';
import type { Session } from '../connection/session.ts';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import type { LocalServer } from './local-server.ts';

/** An owner of one of these must be a superuser (event_trigger.c, foreigncmds.c, subscriptioncmds.c). */
const superuserKinds: ReadonlySet<string> = new Set(['EVENT TRIGGER', 'FOREIGN DATA WRAPPER', 'SUBSCRIPTION']);

export async function createRoles(session: Session, names: Iterable<string>, toc: ArchiveToc | null): Promise<void> {
  const rows = await session.query<{ name: string }>('select rolname::text as name from pg_roles');
  const present = new Set(rows.map(({ name }) => name));
  const superusers = new Set(
    toc?.entries.filter(({ desc }) => superuserKinds.has(desc)).map(({ owner }) => owner) ?? [],
  );
  const owners = toc?.entries.map(({ owner }) => owner) ?? [];
  for (const name of new Set([...names, ...owners])) {
    // Roles of PostgreSQL itself cannot be made; one that this version lacks will be missed by name.
    if (name === '' || present.has(name) || name.startsWith('pg_')) continue;
    await session.query(
      `create role ${quoteIdentifier(name)}${toc === null || superusers.has(name) ? ' superuser' : ''}`,
    );
  }
}

export async function createTablespaces(session: Session, server: LocalServer, names: Iterable<string>): Promise<void> {
  let count = 0;
  for (const name of new Set(names)) {
    count += 1;
    const folder = await server.makeFolder(`tablespace-${String(count)}`);
    await session.query(`create tablespace ${quoteIdentifier(name)} location ${quoteLiteral(folder)}`);
  }
}
