/** What hangs on tables: indexes, constraints, triggers, rules, policies, extended statistics. */

import {
  collationName,
  columnNames,
  functionName,
  isNoMember,
  isUserSchema,
  opclassName,
  operatorName,
  relationName,
  sorted,
  type InventoryQueries,
} from './inventory-query.ts';

export const tablePartQueries: InventoryQueries = (major) => [
  { kind: 'index', sql: indexSql(major) },
  { kind: 'constraint', sql: constraintSql(major) },
  { kind: 'trigger', sql: triggerSql },
  { kind: 'rule', sql: ruleSql },
  { kind: 'policy', sql: policySql },
  { kind: 'statistics', sql: statisticsSql(major) },
];

/** Parts of an extension's own table come with the extension. */
const ofTable = `join pg_namespace n on n.oid = c.relnamespace
   where ${isUserSchema('n')} and c.relpersistence <> 't' and ${isNoMember('pg_class', 'c.oid')}`;

/** pg_dump leaves out indexes that are not valid, but for those of partitioned tables (pg_dump.c, getIndexes). */
function indexSql(major: number): string {
  return `
  select format('%I.%I', n.nspname, i.relname) as name,
         ${relationName('c.oid')} as on_table,
         am.amname::text as access_method,
         x.indisunique as is_unique, x.indisprimary as is_primary, x.indisexclusion as is_exclusion,
         x.indimmediate as immediate, x.indisclustered as clustered, x.indisreplident as replica_identity,
         ${major >= 15 ? 'x.indnullsnotdistinct' : 'false'} as nulls_not_distinct,
         x.indnkeyatts::int as key_columns,
         ${columnNames('c.oid', 'x.indkey::int2[]')} as columns,
         (select array_agg(${opclassName('o.oid')} order by o.at)
            from unnest(x.indclass::oid[]) with ordinality as o(oid, at)) as opclasses,
         (select array_agg(${collationName('o.oid')} order by o.at)
            from unnest(x.indcollation::oid[]) with ordinality as o(oid, at)) as collations,
         x.indoption::text as directions,
         x.indpred is not null as is_partial,
         x.indexprs is not null as has_expressions,
         ${sorted('i.reloptions')} as options,
         (select array_agg(${relationName('h.inhparent')}) from pg_inherits h where h.inhrelid = i.oid) as parent
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
    join pg_am am on am.oid = i.relam ${ofTable}
     and c.relkind in ('r', 'p', 'm') and (x.indisvalid or c.relkind = 'p')`;
}

/**
 * Not among them: foreign keys of partitions that come from the parent's (named anew on a restore), and not-null
 * constraints (version 18; the column says it).
 */
function constraintSql(major: number): string {
  return `
  select format('%I.%I.%I', n.nspname, c.relname, k.conname) as name,
         k.contype::text as type,
         case when k.contype = 'c' then ${sorted(columnNames('k.conrelid', 'k.conkey'))}
              else ${columnNames('k.conrelid', 'k.conkey')} end as columns,
         k.condeferrable as is_deferrable, k.condeferred as initially_deferred, k.convalidated as validated,
         k.contype = 'c' and k.connoinherit as no_inherit,
         case when k.contype = 'f' then ${relationName('k.confrelid')} end as referenced_table,
         case when k.contype = 'f' then ${columnNames('k.confrelid', 'k.confkey')} end as referenced_columns,
         case when k.contype = 'f' then k.confupdtype::text || k.confdeltype::text || k.confmatchtype::text
         end as actions,
         ${major >= 15 ? columnNames('k.conrelid', 'k.confdelsetcols') : 'null::text[]'} as set_columns,
         case when k.contype in ('p', 'u', 'x') then ${relationName('k.conindid')} end as index,
         (select array_agg(${operatorName('o.oid')} order by o.at)
            from unnest(k.conexclop) with ordinality as o(oid, at)) as operators,
         ${major >= 18 ? 'k.conenforced' : 'true'} as enforced,
         ${major >= 18 ? 'k.conperiod' : 'false'} as without_overlaps
    from pg_constraint k join pg_class c on c.oid = k.conrelid ${ofTable}
     and k.contype in ('c', 'f', 'p', 'u', 'x') and not (k.contype = 'f' and k.conparentid <> 0)
     and (k.contype not in ('p', 'u', 'x') or exists (
       select from pg_index x where x.indexrelid = k.conindid and (x.indisvalid or c.relkind = 'p')))`;
}

/** Clones on partitions follow the trigger of the partitioned table. */
const triggerSql = `
  select format('%I.%I.%I', n.nspname, c.relname, t.tgname) as name,
         ${functionName('t.tgfoid')} as function,
         t.tgtype::int as type, t.tgenabled::text as enabled,
         t.tgdeferrable as is_deferrable, t.tginitdeferred as initially_deferred,
         t.tgconstraint <> 0 as is_constraint,
         ${relationName('nullif(t.tgconstrrelid, 0)')} as referenced_table,
         encode(t.tgargs, 'hex') as arguments,
         ${sorted(columnNames('t.tgrelid', 't.tgattr::int2[]'))} as columns,
         t.tgqual is not null as has_condition,
         t.tgoldtable::text as old_table, t.tgnewtable::text as new_table
    from pg_trigger t join pg_class c on c.oid = t.tgrelid ${ofTable}
     and not t.tgisinternal and t.tgparentid = 0 and ${isNoMember('pg_trigger', 't.oid')}`;

const ruleSql = `
  select format('%I.%I.%I', n.nspname, c.relname, w.rulename) as name,
         w.ev_type::text as event, w.ev_enabled::text as enabled, w.is_instead,
         w.ev_qual <> '<>' as has_condition
    from pg_rewrite w join pg_class c on c.oid = w.ev_class ${ofTable}
     and w.rulename <> '_RETURN' and ${isNoMember('pg_rewrite', 'w.oid')}`;

const policySql = `
  select format('%I.%I.%I', n.nspname, c.relname, p.polname) as name,
         p.polpermissive as permissive, p.polcmd::text as command,
         (select array_agg(case when r = 0 then 'public' else pg_get_userbyid(r)::text end
                           order by pg_get_userbyid(r) collate "C") from unnest(p.polroles) as r) as roles,
         p.polqual is not null as has_condition, p.polwithcheck is not null as has_check
    from pg_policy p join pg_class c on c.oid = p.polrelid ${ofTable}`;

function statisticsSql(major: number): string {
  return `
  select format('%I.%I', sn.nspname, s.stxname) as name,
         ${relationName('s.stxrelid')} as on_table,
         ${sorted('s.stxkind::text[]')} as kinds,
         ${sorted(columnNames('s.stxrelid', 's.stxkeys::int2[]'))} as columns,
         ${major >= 14 ? 's.stxexprs is not null' : 'false'} as has_expressions,
         nullif(s.stxstattarget, -1)::int as statistics_target
    from pg_statistic_ext s join pg_namespace sn on sn.oid = s.stxnamespace
    join pg_class c on c.oid = s.stxrelid ${ofTable} and ${isNoMember('pg_statistic_ext', 's.oid')}`;
}
