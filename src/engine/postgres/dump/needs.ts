/**
 * What a server must have before this backup can be restored on it: roles that own or are granted something, tablespaces,
 * extensions. Read in the snapshot. Roles stand in pg_shdepend, but for the one that initdb made: it is pinned and
 * never recorded there (PostgreSQL documentation, "System Catalogs", pg_shdepend).
 */

import type { BackupNeeds } from '../../../domain/manifest.ts';
import type { Session } from '../connection/session.ts';
import type { DumpChoices } from './dump-command.ts';
import { holdsEverything, type ScopeRelation } from './scope-tables.ts';

export async function readNeeds(
  session: Session,
  choices: DumpChoices,
  relations: readonly ScopeRelation[],
): Promise<BackupNeeds> {
  const chosen = holdsEverything(choices.scope) ? null : relations.map((relation) => relation.oid);
  if (choices.scope.kind === 'data') return { roles: [], tablespaces: [], extensions: [] };
  return {
    roles: await readRoles(session, choices, chosen),
    tablespaces: await readTablespaces(session, chosen),
    extensions: await readExtensions(session, chosen),
  };
}

async function readRoles(
  session: Session,
  choices: DumpChoices,
  chosen: readonly number[] | null,
): Promise<readonly string[]> {
  // `o` owns, `a` is granted something, `r` is named in a row-level security policy.
  const kinds = [...(choices.owners ? ['o'] : []), ...(choices.privileges ? ['a'] : []), 'r'];
  const rows = await session.query<{ name: string }>(
    `with here as (select oid, datdba from pg_database where datname = current_database()),
     dependent as (
       select s.refobjid as role
         from pg_shdepend s cross join here
        where s.refclassid = 'pg_authid'::regclass and s.deptype::text = any ($1::text[])
          and (s.dbid = here.oid
                 and ($2::oid[] is null
                      or s.classid = 'pg_class'::regclass and s.objid = any ($2::oid[])
                      or s.classid = 'pg_policy'::regclass
                         and exists (select from pg_policy p where p.oid = s.objid and p.polrelid = any ($2::oid[])))
               or s.dbid = 0 and s.classid = 'pg_database'::regclass and s.objid = here.oid and $2::oid[] is null)
          and not exists (select from pg_depend d
                           where d.classid = s.classid and d.objid = s.objid and d.deptype = 'e')),
     initial as (
       select owner as role from (
         select c.relowner as owner, c.oid, c.relnamespace as namespace, 'pg_class'::regclass as class from pg_class c
         union all select p.proowner, p.oid, p.pronamespace, 'pg_proc'::regclass from pg_proc p where $2::oid[] is null
         union all select t.typowner, t.oid, t.typnamespace, 'pg_type'::regclass from pg_type t where $2::oid[] is null
         union all select n.nspowner, n.oid, n.oid, 'pg_namespace'::regclass from pg_namespace n
                    where $2::oid[] is null and n.nspname <> 'public') o
        where o.owner = 10 and 'o' = any ($1::text[]) and ($2::oid[] is null or o.oid = any ($2::oid[]))
          and exists (select from pg_namespace n where n.oid = o.namespace
                         and n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
          and not exists (select from pg_depend d where d.classid = o.class and d.objid = o.oid and d.deptype = 'e')
        union all select datdba from here where 'o' = any ($1::text[]) and $2::oid[] is null)
     select distinct r.rolname::text as name
       from pg_roles r
      where (r.oid in (select role from dependent) or r.oid in (select role from initial))
        and r.rolname !~ '^pg_'
      order by 1`,
    [kinds, chosen],
  );
  return rows.map((row) => row.name);
}

async function readTablespaces(session: Session, chosen: readonly number[] | null): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    `select distinct t.spcname::text as name
       from pg_tablespace t
      where t.spcname !~ '^pg_'
        and (exists (select from pg_class c where c.reltablespace = t.oid and c.relpersistence <> 't'
                        and ($1::oid[] is null or c.oid = any ($1::oid[])
                             or exists (select from pg_index i
                                         where i.indexrelid = c.oid and i.indrelid = any ($1::oid[]))))
             or $1::oid[] is null
                and t.oid = (select dattablespace from pg_database where datname = current_database()))
      order by 1`,
    [chosen],
  );
  return rows.map((row) => row.name);
}

/** Of a chosen part: those whose types its columns have. Extensions that every new database has are left out. */
async function readExtensions(
  session: Session,
  chosen: readonly number[] | null,
): Promise<readonly { readonly name: string; readonly version: string }[]> {
  return session.query<{ name: string; version: string }>(
    `select e.extname::text as name, e.extversion as version
       from pg_extension e
      where e.oid >= 16384
        and ($1::oid[] is null
             or exists (select from pg_attribute a
                          join pg_type t on t.oid = a.atttypid
                          join pg_depend d on d.classid = 'pg_type'::regclass and d.deptype = 'e'
                               and d.objid = coalesce(nullif(t.typelem, 0), t.oid)
                         where a.attrelid = any ($1::oid[]) and not a.attisdropped
                           and d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid))
      order by 1`,
    [chosen],
  );
}
