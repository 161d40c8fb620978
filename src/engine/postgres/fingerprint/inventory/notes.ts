/** What is said about objects: comments, security labels, owners, privileges. */

import { isUserSchema, type InventoryQueries } from './inventory-query.ts';

export const noteQueries: InventoryQueries = () => [
  { kind: 'comment', sql: commentSql },
  { kind: 'security-label', sql: labelSql },
  { kind: 'owner', sql: ownerSql },
  { kind: 'acl', sql: aclSql },
  { kind: 'default-acl', sql: defaultAclSql },
];

/**
 * Things said of what an extension brings, or of parts of its tables, are not dumped; those said of what initdb made are
 * everywhere. The schema public is left out: it is made by initdb in one place, by a person in another.
 */
const isAboutOurs = `d.objoid >= 16384
     and not (d.classoid = 'pg_namespace'::regclass
              and d.objoid = (select oid from pg_namespace where nspname = 'public'))
     and not exists (
       select from pg_depend x where x.deptype = 'e' and x.objsubid = 0 and (
         x.classid = d.classoid and x.objid = d.objoid
         or x.classid = 'pg_class'::regclass and x.objid = case d.classoid
              when 'pg_constraint'::regclass then (select k.conrelid from pg_constraint k where k.oid = d.objoid)
              when 'pg_trigger'::regclass then (select t.tgrelid from pg_trigger t where t.oid = d.objoid)
              when 'pg_rewrite'::regclass then (select w.ev_class from pg_rewrite w where w.oid = d.objoid)
              when 'pg_policy'::regclass then (select p.polrelid from pg_policy p where p.oid = d.objoid)
              when 'pg_class'::regclass then (select i.indrelid from pg_index i where i.indexrelid = d.objoid)
            end))
     and not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where d.classoid = 'pg_class'::regclass and c.oid = d.objoid
                        and (c.relpersistence = 't' or not (${isUserSchema('n')})))`;

const commentSql = `
  select format('%s %s', i.type, i.identity) as name, md5(d.description) as text
    from pg_description d cross join pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
   where d.classoid <> 'pg_subscription'::regclass and ${isAboutOurs}`;

const labelSql = `
  select format('%s %s %s', i.type, i.identity, d.provider) as name, d.label
    from pg_seclabel d cross join pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
   where ${isAboutOurs}`;

/** What has an owner, and what privileges are kept on it: the class is that of acldefault(). */
const ownedObjects = `
  select 'pg_namespace'::regclass as classoid, oid as objoid, nspowner as owner, nspacl as acl, 'n'::"char" as class,
         nspname as schema from pg_namespace
  union all
  select 'pg_class'::regclass, c.oid, c.relowner, c.relacl, case c.relkind when 'S' then 's'::"char" else 'r'::"char" end,
         n.nspname
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relpersistence <> 't'
  union all
  select 'pg_proc'::regclass, p.oid, p.proowner, p.proacl, 'f'::"char", n.nspname
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where not exists (select from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
  union all
  select 'pg_type'::regclass, t.oid, t.typowner, t.typacl, 'T'::"char", n.nspname
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
   where t.typtype <> 'm' and (t.typrelid = 0 or c.relkind = 'c')
     and not exists (select from pg_type a where a.typarray = t.oid)
  union all
  select 'pg_language'::regclass, oid, lanowner, lanacl, 'l'::"char", '' from pg_language where oid >= 16384 and lanispl
  union all
  select 'pg_foreign_data_wrapper'::regclass, oid, fdwowner, fdwacl, 'F'::"char", '' from pg_foreign_data_wrapper
  union all
  select 'pg_foreign_server'::regclass, oid, srvowner, srvacl, 'S'::"char", '' from pg_foreign_server
  union all
  select 'pg_operator'::regclass, o.oid, o.oprowner, null, null, n.nspname
    from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oprcode <> 0
  union all
  select 'pg_collation'::regclass, o.oid, o.collowner, null, null, n.nspname
    from pg_collation o join pg_namespace n on n.oid = o.collnamespace
  union all
  select 'pg_conversion'::regclass, o.oid, o.conowner, null, null, n.nspname
    from pg_conversion o join pg_namespace n on n.oid = o.connamespace
  union all
  select 'pg_opclass'::regclass, o.oid, o.opcowner, null, null, n.nspname
    from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace
  union all
  select 'pg_opfamily'::regclass, o.oid, o.opfowner, null, null, n.nspname
    from pg_opfamily o join pg_namespace n on n.oid = o.opfnamespace
  union all
  select 'pg_ts_config'::regclass, o.oid, o.cfgowner, null, null, n.nspname
    from pg_ts_config o join pg_namespace n on n.oid = o.cfgnamespace
  union all
  select 'pg_ts_dict'::regclass, o.oid, o.dictowner, null, null, n.nspname
    from pg_ts_dict o join pg_namespace n on n.oid = o.dictnamespace
  union all
  select 'pg_statistic_ext'::regclass, o.oid, o.stxowner, null, null, n.nspname
    from pg_statistic_ext o join pg_namespace n on n.oid = o.stxnamespace
  union all
  select 'pg_event_trigger'::regclass, oid, evtowner, null, null, '' from pg_event_trigger
  union all
  select 'pg_publication'::regclass, oid, pubowner, null, null, '' from pg_publication
  union all
  select 'pg_largeobject'::regclass, oid, lomowner, lomacl, 'L'::"char", '' from pg_largeobject_metadata`;

const ours = `(${ownedObjects}) as d
   where (d.schema = '' or d.schema !~ '^pg_' and d.schema <> 'information_schema')
     and not exists (select from pg_depend x where x.classid = d.classoid and x.objid = d.objoid
                        and x.objsubid = 0 and x.deptype = 'e')`;

/** The schema public has another first owner in each version: that one is not compared. */
const ownerSql = `
  select format('%s %s', i.type, i.identity) as name, pg_get_userbyid(d.owner)::text as role
    from (select d.* from ${ours} and not (d.classoid = 'pg_namespace'::regclass and d.schema = 'public'
            and (d.owner = 10 or pg_get_userbyid(d.owner) = 'pg_database_owner'))) as d cross join pg_identify_object(d.classoid, d.objoid, 0) as i`;

/**
 * What each role may do, `ALL` for all there is (more in newer versions), as far as it differs from what a new object has.
 * Who granted it is not compared.
 */
const grants = (acl: string, kind: string, owner: string): string => `(
    select array_agg(coalesce('+' || given.line, '-' || usual.line) order by coalesce(given.line, usual.line) collate "C")
      from ${grantLines(acl, kind, owner)} as given
      full join ${grantLines(`acldefault(${kind}, ${owner})`, kind, owner)} as usual on usual.line = given.line
     where given.line is null or usual.line is null)`;

const grantLines = (acl: string, kind: string, owner: string): string => `(
      select format('%s=%s', case when ga.grantee = 0 then 'public' else pg_get_userbyid(ga.grantee)::text end,
               case when count(distinct ga.privilege_type) = (select count(*) from aclexplode(acldefault(${kind}, ${owner})) as gd
                                                               where gd.grantee = ${owner})
                         and bool_and(ga.is_grantable) = bool_or(ga.is_grantable)
                    then case when bool_and(ga.is_grantable) then 'ALL*' else 'ALL' end
                    else string_agg(distinct ga.privilege_type || case when ga.is_grantable then '*' else '' end, ',')
               end) as line
        from aclexplode(${acl}) as ga group by ga.grantee)`;

const aclSql = `
  select * from (
    select format('%s %s', i.type, i.identity) as name, ${grants('d.acl', 'd.class', 'd.owner')} as privileges
      from (select d.* from ${ours} and d.class is not null and d.acl is not null) as d
     cross join pg_identify_object(d.classoid, d.objoid, 0) as i
    union all
    select format('column %s.%I', c.oid::regclass, a.attname), ${grants('a.attacl', `'c'::"char"`, 'c.relowner')}
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where cardinality(a.attacl) > 0 and not a.attisdropped and c.relpersistence <> 't' and ${isUserSchema('n')}
       and not exists (select from pg_depend x where x.classid = 'pg_class'::regclass and x.objid = c.oid
                          and x.objsubid = 0 and x.deptype = 'e')) as changed
   where privileges is not null`;

/** For one schema they are added to the usual ones, so there is nothing to leave out. */
const defaultAclSql = `
  select format('%I %s %s', pg_get_userbyid(d.defaclrole), coalesce(quote_ident(n.nspname), '*'), d.defaclobjtype) as name,
         (select array_agg(g.line order by g.line collate "C")
            from ${grantLines('d.defaclacl', `case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end`, 'd.defaclrole')} as g) as privileges
    from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace`;
