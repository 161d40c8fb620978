/** Tables, views, sequences, and their columns. */

import {
  collationName,
  columnNames,
  isNoMember,
  isUserSchema,
  opclassName,
  relationName,
  sorted,
  typeName,
  type InventoryQueries,
} from './inventory-query.ts';

const kindsByRelkind = [
  ['table', 'r'],
  ['partitioned-table', 'p'],
  ['view', 'v'],
  ['materialized-view', 'm'],
  ['foreign-table', 'f'],
] as const;

export const relationQueries: InventoryQueries = (major) => [
  ...kindsByRelkind.map(([kind, relkind]) => ({ kind, sql: relationSql(relkind) })),
  { kind: 'column', sql: columnSql(major) },
  { kind: 'sequence', sql: sequenceSql },
];

const ofRelations = `from pg_class c join pg_namespace n on n.oid = c.relnamespace`;
const isOurs = `${isUserSchema('n')} and c.relpersistence <> 't' and ${isNoMember('pg_class', 'c.oid')}`;

/** Bounds are constants, printed with our own pinned settings; they are the one thing here that the server prints. */
function relationSql(relkind: string): string {
  return `
  select format('%I.%I', n.nspname, c.relname) as name,
         c.relpersistence::text as persistence,
         am.amname::text as access_method,
         ${sorted('c.reloptions')} as options,
         ${sorted('toast.reloptions')} as toast_options,
         c.relreplident::text as replica_identity,
         c.relrowsecurity as row_security,
         c.relforcerowsecurity as force_row_security,
         c.relispopulated as populated,
         ${typeName('c.reloftype')} as of_type,
         (select array_agg(${relationName('i.inhparent')} order by i.inhseqno)
            from pg_inherits i where i.inhrelid = c.oid) as parents,
         pg_get_expr(c.relpartbound, c.oid) as bound,
         p.partstrat::text as strategy,
         case when p.partrelid is not null then ${columnNames('c.oid', 'p.partattrs::int2[]')} end as partition_key,
         (select array_agg(${opclassName('o.oid')} order by o.at)
            from unnest(p.partclass::oid[]) with ordinality as o(oid, at)) as partition_opclasses,
         (select array_agg(${collationName('o.oid')} order by o.at)
            from unnest(p.partcollation::oid[]) with ordinality as o(oid, at)) as partition_collations,
         (select s.srvname::text from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver
           where f.ftrelid = c.oid) as server,
         (select ${sorted('f.ftoptions')} from pg_foreign_table f where f.ftrelid = c.oid) as foreign_options,
         (select array_agg(distinct ${relationName('d.refobjid')})
            from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
           where w.ev_class = c.oid and w.rulename = '_RETURN' and d.refclassid = 'pg_class'::regclass
             and d.refobjid <> c.oid) as reads
    ${ofRelations}
    left join pg_am am on am.oid = c.relam
    left join pg_class toast on toast.oid = c.reltoastrelid
    left join pg_partitioned_table p on p.partrelid = c.oid
   where c.relkind = '${relkind}' and ${isOurs}`;
}

/** Without the mark that servers put there themselves from 17.12 on, different in every database: pg_dump leaves it out. */
const keptOptions = `(select array_agg(so order by so collate "C") from unnest(a.attoptions) as so
    where so not like 'pg!_attver=%' escape '!')`;

/**
 * The place of a column is kept but for children of inheritance: theirs come after the parents' when created anew.
 * Whether a default is there is known, but what it says is not compared.
 */
function columnSql(major: number): string {
  return `
  select format('%I.%I.%I', n.nspname, c.relname, a.attname) as name,
         case when c.relispartition or not exists (select from pg_inherits i where i.inhrelid = c.oid)
              then (select count(*)::int from pg_attribute b
                     where b.attrelid = a.attrelid and b.attnum > 0 and b.attnum <= a.attnum and not b.attisdropped)
         end as place,
         format_type(a.atttypid, a.atttypmod) as type,
         a.attnotnull as not_null,
         a.attidentity::text as identity,
         a.attgenerated::text as generated,
         a.atthasdef as has_default,
         case when a.attcollation <> t.typcollation then ${collationName('a.attcollation')} end as collation,
         a.attstorage::text as storage,
         ${major >= 14 ? 'a.attcompression::text' : "''"} as compression,
         nullif(a.attstattarget, -1)::int as statistics_target,
         ${keptOptions} as options,
         ${sorted('a.attfdwoptions')} as foreign_options
    ${ofRelations}
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and ${isUserSchema('n')} and c.relpersistence <> 't'
     and ${isNoMember('pg_class', 'c.oid')} and ${isNoMember('pg_type', 'c.reltype')}`;
}

const sequenceSql = `
  select format('%I.%I', n.nspname, c.relname) as name,
         c.relpersistence::text as persistence,
         format_type(s.seqtypid, null) as type,
         s.seqstart::text as start, s.seqincrement::text as increment, s.seqmin::text as minimum,
         s.seqmax::text as maximum, s.seqcache::text as cache, s.seqcycle as cycle,
         (select format('%s.%I', ${relationName('a.attrelid')}, a.attname)
            from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
           where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
             and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')) as owned_by
    ${ofRelations} join pg_sequence s on s.seqrelid = c.oid
   where c.relkind = 'S' and ${isOurs}`;
