/**
 * What would make a dump fail or, worse, be incomplete without a word: relations that may not be read, rows that
 * row-level security hides (PostgreSQL documentation, pg_dump, --enable-row-security).
 */

import type { Finding } from '../../../domain/finding.ts';
import type { Scope } from '../../../domain/scope.ts';
import type { Session } from '../connection/session.ts';
import { holdsEverything, type ScopeRelation } from '../dump/scope-tables.ts';
import { qualifiedName, quoteIdentifier } from '../quote.ts';
import type { ServerFacts } from '../server-facts.ts';

export async function findUnreadable(
  session: Session,
  facts: ServerFacts,
  scope: Scope,
  relations: readonly ScopeRelation[],
): Promise<readonly Finding[]> {
  if (facts.isSuperuser) return [];
  const findings = [
    await findDeniedSchemas(session, facts, relations),
    await findDeniedRelations(session, facts, scope, relations),
    scope.kind === 'schema' ? null : await findHiddenRows(session, facts, relations),
    scope.kind === 'schema' || !holdsEverything(scope) ? null : await findDeniedLargeObjects(session, facts),
    holdsEverything(scope) ? await findSubscriptions(session) : null,
  ];
  return findings.filter((finding) => finding !== null);
}

async function findDeniedSchemas(
  session: Session,
  facts: ServerFacts,
  relations: readonly ScopeRelation[],
): Promise<Finding | null> {
  const rows = await session.query<{ name: string }>(
    `select n.nspname::text as name from pg_namespace n
      where n.nspname = any ($1::text[]) and not has_schema_privilege(n.oid, 'usage') order by 1`,
    [[...new Set(relations.map((relation) => relation.schema))]],
  );
  if (rows.length === 0) return null;
  const names = rows.map((row) => quoteIdentifier(row.name));
  return {
    severity: 'blocking',
    code: 'schema-unreadable',
    message: `user ${facts.user} may not use ${count(names, 'schema')}`,
    hint: grantHint(facts, `GRANT USAGE ON SCHEMA ${names[0] ?? ''} TO ${quoteIdentifier(facts.user)}`),
  };
}

/** Tables are locked and read, sequences are read; of views and foreign tables only the definition is. */
async function findDeniedRelations(
  session: Session,
  facts: ServerFacts,
  scope: Scope,
  relations: readonly ScopeRelation[],
): Promise<Finding | null> {
  const read = relations.filter(
    (relation) =>
      relation.kind === 'table' ||
      relation.kind === 'partitioned' ||
      (relation.kind === 'sequence' && scope.kind !== 'schema'),
  );
  const rows = await session.query<{ schema: string; name: string; sequence: boolean }>(
    `select n.nspname::text as schema, c.relname::text as name, c.relkind = 'S' as sequence
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = any ($1::oid[]) and not has_table_privilege(c.oid, 'select') order by c.relkind = 'S', 1, 2`,
    [read.map((relation) => relation.oid)],
  );
  const first = rows[0];
  if (first === undefined) return null;
  const names = rows.map((row) => qualifiedName(row.schema, row.name));
  const object = first.sequence ? `SEQUENCE ${names[0] ?? ''}` : (names[0] ?? '');
  return {
    severity: 'blocking',
    code: 'table-unreadable',
    message: `user ${facts.user} may not read ${count(names, first.sequence ? 'sequence' : 'table')}`,
    hint: grantHint(facts, `GRANT SELECT ON ${object} TO ${quoteIdentifier(facts.user)}`),
  };
}

/** With row_security off, as in our sessions and in pg_dump, these tables raise an error instead of hiding rows. */
async function findHiddenRows(
  session: Session,
  facts: ServerFacts,
  relations: readonly ScopeRelation[],
): Promise<Finding | null> {
  const rows = await session.query<{ schema: string; name: string }>(
    `select n.nspname::text as schema, c.relname::text as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = any ($1::oid[]) and c.relkind in ('r', 'p') and row_security_active(c.oid) order by 1, 2`,
    [relations.map((relation) => relation.oid)],
  );
  if (rows.length === 0) return null;
  const names = rows.map((row) => qualifiedName(row.schema, row.name));
  return {
    severity: 'blocking',
    code: 'row-level-security',
    message: `row-level security would hide rows of ${count(names, 'table')} from user ${facts.user}`,
    hint: `Take backups as a role with BYPASSRLS (ALTER ROLE ${quoteIdentifier(facts.user)} BYPASSRLS), or as the superuser.`,
  };
}

/** pg_read_all_data does not reach large objects. */
async function findDeniedLargeObjects(session: Session, facts: ServerFacts): Promise<Finding | null> {
  const [row] = await session.query<{ denied: string }>(
    `select count(*)::text as denied
       from pg_largeobject_metadata l
      where current_setting('lo_compat_privileges') <> 'on'
        and not pg_has_role(l.lomowner, 'usage')
        and not exists (select from aclexplode(l.lomacl) a
                         where a.privilege_type = 'SELECT' and (a.grantee = 0 or pg_has_role(a.grantee, 'usage')))`,
  );
  const denied = Number(row?.denied ?? 0);
  if (denied === 0) return null;
  return {
    severity: 'blocking',
    code: 'large-objects-unreadable',
    message: `user ${facts.user} may not read ${String(denied)} large objects`,
    hint: 'GRANT SELECT ON LARGE OBJECT … to this user, or take backups as their owner or as the superuser.',
  };
}

async function findSubscriptions(session: Session): Promise<Finding | null> {
  const [row] = await session.query<{ found: boolean }>(
    `select case when has_column_privilege('pg_catalog.pg_subscription', 'subdbid', 'select')
                 then exists (select from pg_subscription
                               where subdbid = (select oid from pg_database where datname = current_database()))
                 else false end as found`,
  );
  if (row?.found !== true) return null;
  return {
    severity: 'warning',
    code: 'subscriptions-left-out',
    message: 'subscriptions are not in the dump: only a superuser may read them',
    hint: 'Keep their definitions elsewhere, or take backups as the superuser.',
  };
}

function count(names: readonly string[], noun: string): string {
  const [first = ''] = names;
  if (names.length === 1) return `${noun} ${first}`;
  const shown = names.slice(0, 3).join(', ');
  return `${String(names.length)} ${noun}s (${shown}${names.length > 3 ? ', …' : ''})`;
}

function grantHint(facts: ServerFacts, single: string): string {
  const all = facts.major >= 14 ? `GRANT pg_read_all_data TO ${quoteIdentifier(facts.user)} (every table), or ` : '';
  return `As the owner or superuser: ${all}${single}.`;
}
