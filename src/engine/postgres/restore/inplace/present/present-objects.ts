/**
 * Everything a database holds that a restore in its place takes away: whole schemas, single objects where a schema stays, what
 * stands in no schema. Not what belongs to an extension, and not what the server made for something else on its own.
 */

import type { Session } from '../../../connection/session.ts';
import { quoteIdentifier } from '../../../quote.ts';
import { isUserSchema } from '../../../fingerprint/inventory/inventory-query.ts';

export interface PresentObject {
  /** `table sales.orders`, as the server calls it. */
  readonly name: string;
  readonly drop: string;
  /** Null where the object has none. */
  readonly owner: string | null;
  readonly mayDrop: boolean;
}

/** In an order in which they can be dropped: what would fire at the others first. */
export async function presentObjects(
  session: Session,
  keptSchemas: readonly string[],
): Promise<readonly PresentObject[]> {
  const rows = await session.query<{ type: string; identity: string; owner: string | null; may_drop: boolean }>(
    objectsSql,
    [keptSchemas],
  );
  return rows.map(({ type, identity, owner, may_drop }) => ({
    name: `${type} ${identity}`,
    drop: `DROP ${keywords[type] ?? type.toUpperCase()} IF EXISTS ${identity} CASCADE`,
    owner,
    mayDrop: may_drop,
  }));
}

/** pg_identify_object's words where DROP has others. ROUTINE takes functions, procedures and aggregates alike. */
const keywords: Readonly<Record<string, string>> = {
  function: 'ROUTINE',
  procedure: 'ROUTINE',
  aggregate: 'ROUTINE',
  'composite type': 'TYPE',
  'statistics object': 'STATISTICS',
  'foreign-data wrapper': 'FOREIGN DATA WRAPPER',
};

const inKept = (catalog: string, prefix: string, owner: string, step: number, condition = 'true'): string =>
  `select ${String(step)}, '${catalog}'::regclass, o.oid, ${owner}, o.${prefix}namespace
     from ${catalog} o where o.${prefix}namespace in (select oid from kept) and ${condition}`;

const nowhere = (catalog: string, owner: string, step: number, condition = 'true'): string =>
  `select ${String(step)}, '${catalog}'::regclass, o.oid, ${owner}, 0::oid from ${catalog} o where ${condition}`;

const foundSql = [
  nowhere('pg_event_trigger', 'o.evtowner', 1),
  nowhere('pg_publication', 'o.pubowner', 2),
  nowhere('pg_cast', '0::oid', 3, 'o.oid >= 16384'),
  nowhere('pg_transform', '0::oid', 4, 'o.oid >= 16384'),
  nowhere('pg_namespace', 'o.nspowner', 5, `${isUserSchema('o')} and o.nspname <> all ($1::text[])`),
  inKept('pg_class', 'rel', 'o.relowner', 6, `o.relkind in ('r', 'p')`),
  inKept('pg_class', 'rel', 'o.relowner', 7, `o.relkind in ('v', 'm', 'f', 'S')`),
  inKept(
    'pg_type',
    'typ',
    'o.typowner',
    8,
    `(o.typrelid = 0 or exists (select from pg_class c where c.oid = o.typrelid and c.relkind = 'c'))`,
  ),
  inKept('pg_proc', 'pro', 'o.proowner', 9),
  inKept('pg_operator', 'opr', 'o.oprowner', 10),
  inKept('pg_opfamily', 'opf', 'o.opfowner', 11),
  inKept('pg_opclass', 'opc', 'o.opcowner', 12),
  inKept('pg_statistic_ext', 'stx', 'o.stxowner', 13),
  inKept('pg_ts_config', 'cfg', 'o.cfgowner', 14),
  inKept('pg_ts_dict', 'dict', 'o.dictowner', 15),
  inKept('pg_ts_template', 'tmpl', '0::oid', 16),
  inKept('pg_ts_parser', 'prs', '0::oid', 17),
  inKept('pg_collation', 'coll', 'o.collowner', 18),
  inKept('pg_conversion', 'con', 'o.conowner', 19),
  nowhere('pg_foreign_server', 'o.srvowner', 20),
  nowhere('pg_foreign_data_wrapper', 'o.fdwowner', 21),
  nowhere('pg_language', 'o.lanowner', 22, 'o.oid >= 16384 and o.lanispl'),
  nowhere('pg_am', '0::oid', 23, 'o.oid >= 16384'),
].join('\n union all ');

/** The owner of a schema may drop what is in it (documentation, the DROP commands). */
const objectsSql = `
  with kept as (select oid, nspowner from pg_namespace where nspname = any ($1::text[])),
  found (step, classid, objid, owner, namespace) as (${foundSql})
  select i.type, i.identity, case when f.owner <> 0 then pg_get_userbyid(f.owner)::text end as owner,
         f.owner = 0 or pg_has_role(f.owner, 'usage')
           or exists (select from kept k where k.oid = f.namespace and pg_has_role(k.nspowner, 'usage')) as may_drop
    from found f cross join lateral pg_identify_object(f.classid, f.objid, 0) as i
   where not exists (select from pg_depend d where d.classid = f.classid and d.objid = f.objid and d.objsubid = 0
                        and d.deptype in ('e', 'i'))
   order by f.step, f.objid desc`;

const defaultKinds: Readonly<Record<string, string>> = {
  r: 'TABLES',
  S: 'SEQUENCES',
  f: 'FUNCTIONS',
  T: 'TYPES',
  n: 'SCHEMAS',
  L: 'LARGE OBJECTS',
};

/** What everybody may do with new objects where nothing was changed (documentation, "Default Access Privileges"). */
const usualForAll: Readonly<Record<string, string>> = { f: 'EXECUTE', T: 'USAGE' };

/** Statements that bring default privileges back to what they are in a new database; those of dropped schemas go with them. */
export async function resetDefaultPrivileges(
  session: Session,
  keptSchemas: readonly string[],
): Promise<readonly string[]> {
  const rows = await session.query<{ role: string; schema: string | null; kind: string; grantees: readonly string[] }>(
    `select pg_get_userbyid(d.defaclrole)::text as role, n.nspname::text as schema, d.defaclobjtype::text as kind,
            array(select distinct case when a.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(a.grantee)) end
                    from aclexplode(d.defaclacl) a) as grantees
       from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
      where n.oid is null or n.nspname = any ($1::text[]) order by d.oid`,
    [keptSchemas],
  );
  return rows.flatMap(({ role, schema, kind, grantees }) => {
    const place = schema === null ? '' : ` IN SCHEMA ${quoteIdentifier(schema)}`;
    const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(role)}${place}`;
    const what = defaultKinds[kind] ?? kind;
    const usual = usualForAll[kind];
    return [
      ...grantees.map((grantee) => `${alter} REVOKE ALL ON ${what} FROM ${grantee}`),
      // Those of one schema are added to the usual ones; the others stand in their place.
      ...(schema === null ? [`${alter} GRANT ALL ON ${what} TO ${quoteIdentifier(role)}`] : []),
      ...(schema === null && usual !== undefined ? [`${alter} GRANT ${usual} ON ${what} TO PUBLIC`] : []),
    ];
  });
}
