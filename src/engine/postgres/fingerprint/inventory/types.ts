/** Types of every sort, collations, conversions, and text search. */

import {
  collationName,
  functionName,
  isNoMember,
  isUserSchema,
  opclassName,
  sorted,
  typeName,
  type InventoryQueries,
} from './inventory-query.ts';

export const typeQueries: InventoryQueries = (major) => [
  { kind: 'type', sql: typeSql },
  { kind: 'range', sql: rangeSql },
  { kind: 'domain-constraint', sql: domainConstraintSql },
  { kind: 'collation', sql: collationSql(major) },
  { kind: 'conversion', sql: conversionSql },
  { kind: 'text-search-configuration', sql: configurationSql },
  { kind: 'text-search-dictionary', sql: dictionarySql },
  { kind: 'text-search-parser', sql: parserSql },
  { kind: 'text-search-template', sql: templateSql },
];

/** Not the types that come with something else: of tables, of arrays, multiranges. */
const typeSql = `
  select format('%I.%I', n.nspname, t.typname) as name,
         t.typtype::text as type, t.typisdefined as is_defined, t.typcategory::text as category,
         (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
         case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as base,
         t.typnotnull as not_null, t.typdefault is not null as has_default,
         ${collationName('nullif(t.typcollation, 0)')} as collation,
         case when t.typtype = 'b' then array[
           t.typlen::text, t.typbyval::text, t.typalign::text, t.typstorage::text, t.typdelim::text,
           t.typispreferred::text, ${typeName('t.typelem')}, ${functionName('t.typinput')},
           ${functionName('t.typoutput')}, ${functionName('t.typreceive')}, ${functionName('t.typsend')},
           ${functionName('t.typmodin')}, ${functionName('t.typmodout')}, ${functionName('t.typanalyze')}] end as storage
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
   where ${isUserSchema('n')} and ${isNoMember('pg_type', 't.oid')} and t.typtype <> 'm'
     and (t.typrelid = 0 or c.relkind = 'c')
     and not exists (select from pg_type owner where owner.typarray = t.oid)`;

const rangeSql = `
  select format('%I.%I', n.nspname, t.typname) as name,
         format_type(r.rngsubtype, null) as subtype, ${collationName('nullif(r.rngcollation, 0)')} as collation,
         ${opclassName('r.rngsubopc')} as opclass, ${functionName('r.rngcanonical')} as canonical,
         ${functionName('r.rngsubdiff')} as difference
    from pg_range r join pg_type t on t.oid = r.rngtypid join pg_namespace n on n.oid = t.typnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_type', 't.oid')}`;

const domainConstraintSql = `
  select format('%I.%I.%I', n.nspname, t.typname, k.conname) as name, k.convalidated as validated
    from pg_constraint k join pg_type t on t.oid = k.contypid join pg_namespace n on n.oid = t.typnamespace
   where k.contype = 'c' and ${isUserSchema('n')} and ${isNoMember('pg_type', 't.oid')}`;

/** ICU locales were in collcollate before version 15, then in colliculocale, from 17 on in colllocale. */
function collationSql(major: number): string {
  const locale = major >= 17 ? 'c.colllocale' : major >= 15 ? 'c.colliculocale' : 'null';
  return `
  select format('%I.%I', n.nspname, c.collname) as name,
         c.collprovider::text as provider, c.collisdeterministic as deterministic,
         coalesce(${locale}, c.collcollate)::text as locale,
         case when c.collprovider = 'c' then c.collctype::text end as character_type,
         ${major >= 16 ? 'c.collicurules' : 'null::text'} as rules
    from pg_collation c join pg_namespace n on n.oid = c.collnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_collation', 'c.oid')}`;
}

const conversionSql = `
  select format('%I.%I', n.nspname, c.conname) as name, c.condefault as is_default,
         pg_encoding_to_char(c.conforencoding)::text as source, pg_encoding_to_char(c.contoencoding)::text as target,
         ${functionName('c.conproc')} as function
    from pg_conversion c join pg_namespace n on n.oid = c.connamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_conversion', 'c.oid')}`;

const configurationSql = `
  select format('%I.%I', n.nspname, c.cfgname) as name,
         (select format('%I.%I', pn.nspname, p.prsname) from pg_ts_parser p
            join pg_namespace pn on pn.oid = p.prsnamespace where p.oid = c.cfgparser) as parser,
         (select array_agg(format('%s %s %I.%I', m.maptokentype, m.mapseqno, dn.nspname, d.dictname)
                           order by m.maptokentype, m.mapseqno)
            from pg_ts_config_map m join pg_ts_dict d on d.oid = m.mapdict
            join pg_namespace dn on dn.oid = d.dictnamespace where m.mapcfg = c.oid) as mappings
    from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_ts_config', 'c.oid')}`;

const dictionarySql = `
  select format('%I.%I', n.nspname, d.dictname) as name,
         (select format('%I.%I', tn.nspname, t.tmplname) from pg_ts_template t
            join pg_namespace tn on tn.oid = t.tmplnamespace where t.oid = d.dicttemplate) as template,
         d.dictinitoption as options
    from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_ts_dict', 'd.oid')}`;

const parserSql = `
  select format('%I.%I', n.nspname, p.prsname) as name,
         ${sorted(`array[${['start', 'token', 'end', 'headline', 'lextype'].map((part) => `p.prs${part}::regproc::text`).join(', ')}]`)}
           as functions
    from pg_ts_parser p join pg_namespace n on n.oid = p.prsnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_ts_parser', 'p.oid')}`;

const templateSql = `
  select format('%I.%I', n.nspname, t.tmplname) as name,
         t.tmplinit::regproc::text as init, t.tmpllexize::regproc::text as lexize
    from pg_ts_template t join pg_namespace n on n.oid = t.tmplnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_ts_template', 't.oid')}`;
