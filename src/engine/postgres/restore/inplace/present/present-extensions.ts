/**
 * Which extensions an in-place restore leaves standing. One that this user could not create again, or may not drop, stays, and
 * so does what it builds on; what belongs to an extension comes and goes with it.
 */

import type { Session } from '../../../connection/session.ts';
import { qualifiedName } from '../../../quote.ts';
import type { ServerFacts } from '../../../server-facts.ts';

export interface PresentExtension {
  readonly name: string;
  readonly schema: string;
  /** Its comment may be set, and it may be dropped. */
  readonly isOurs: boolean;
}

export interface PresentExtensions {
  readonly stay: readonly PresentExtension[];
  readonly go: readonly PresentExtension[];
}

interface ExtensionRow extends PresentExtension {
  readonly may_recreate: boolean;
  readonly builds_on: readonly string[];
}

/** Without what every new database has (PL/pgSQL): that always stays. */
export async function readExtensions(session: Session, facts: ServerFacts): Promise<PresentExtensions> {
  const rows = await session.query<ExtensionRow>(
    `select e.extname::text as name, n.nspname::text as schema, pg_has_role(e.extowner, 'usage') as "isOurs",
            coalesce(v.name is not null and pg_has_role(e.extowner, 'usage') and ($1 or not v.superuser or v.trusted
              and has_database_privilege(current_database(), 'create')), false) as may_recreate,
            array(select b.extname::text from pg_depend d join pg_extension b on b.oid = d.refobjid
                   where d.classid = 'pg_extension'::regclass and d.objid = e.oid
                     and d.refclassid = 'pg_extension'::regclass) as builds_on
       from pg_extension e join pg_namespace n on n.oid = e.extnamespace
       left join pg_available_extensions a on a.name = e.extname
       left join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
      where e.oid >= 16384 order by 1`,
    [facts.isSuperuser],
  );
  const staying = new Set(rows.filter((row) => !row.may_recreate).map(({ name }) => name));
  // Until nothing is added: dropping what one that stays builds on would drop it too.
  for (let size = -1; size !== staying.size; ) {
    size = staying.size;
    for (const row of rows) if (staying.has(row.name)) for (const name of row.builds_on) staying.add(name);
  }
  return { stay: rows.filter(({ name }) => staying.has(name)), go: rows.filter(({ name }) => !staying.has(name)) };
}

/** The schema public, and every schema that a staying extension is in, has something in, or brought. */
export async function keptSchemas(session: Session, stay: readonly PresentExtension[]): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    `with member as (
       select d.classid, d.objid from pg_depend d join pg_extension e on e.oid = d.refobjid
        where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = any ($1::text[])),
     place as (
       select c.relnamespace as oid from member m join pg_class c on m.classid = 'pg_class'::regclass and c.oid = m.objid
       union select p.pronamespace from member m join pg_proc p on m.classid = 'pg_proc'::regclass and p.oid = m.objid
       union select t.typnamespace from member m join pg_type t on m.classid = 'pg_type'::regclass and t.oid = m.objid
       union select m.objid from member m where m.classid = 'pg_namespace'::regclass
       union select e.extnamespace from pg_extension e where e.extname = any ($1::text[]))
     select n.nspname::text as name from pg_namespace n
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and (n.nspname = 'public' or n.oid in (select oid from place)) order by 1`,
    [stay.map(({ name }) => name)],
  );
  return rows.map(({ name }) => name);
}

export interface ConfigurationTable {
  readonly schema: string;
  readonly table: string;
  /** Takes away the rows that a dump holds, and no others. */
  readonly clear: string;
  readonly isWritable: boolean;
}

/** Tables of staying extensions whose rows are part of a dump (pg_extension_config_dump). */
export async function configurationTables(
  session: Session,
  stay: readonly PresentExtension[],
): Promise<readonly ConfigurationTable[]> {
  const rows = await session.query<{ schema: string; table: string; condition: string; writable: boolean }>(
    `select n.nspname::text as schema, c.relname::text as table, coalesce(e.extcondition[k.at], '') as condition,
            has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'delete') as writable
       from pg_extension e cross join unnest(e.extconfig) with ordinality as k(oid, at)
       join pg_class c on c.oid = k.oid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and e.extname = any ($1::text[]) order by e.oid, k.at`,
    [stay.map(({ name }) => name)],
  );
  return rows.map(({ schema, table, condition, writable }) => ({
    schema,
    table,
    clear: `DELETE FROM ONLY ${qualifiedName(schema, table)} ${condition}`,
    isWritable: writable,
  }));
}
