/** Functions, procedures, aggregates, operators with their classes and families, casts, languages, access methods. */

import {
  functionName,
  isNoMember,
  isUserMade,
  isUserSchema,
  operatorName,
  typeName,
  type InventoryQueries,
} from './inventory-query.ts';

export const routineQueries: InventoryQueries = (major) => [
  { kind: 'function', sql: functionSql(major) },
  { kind: 'aggregate', sql: aggregateSql },
  { kind: 'operator', sql: operatorSql },
  { kind: 'operator-class', sql: operatorClassSql },
  { kind: 'operator-family', sql: operatorFamilySql },
  { kind: 'cast', sql: castSql },
  { kind: 'transform', sql: transformSql },
  { kind: 'language', sql: languageSql },
  { kind: 'access-method', sql: accessMethodSql },
];

/** Settings are kept, but not the spaces in lists of names. Of a body in standard SQL only that there is one. */
function functionSql(major: number): string {
  return `
  select format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) as name,
         p.prokind::text as kind, l.lanname::text as language, format_type(p.prorettype, null) as returns,
         p.proretset as returns_set, p.provolatile::text as volatility, p.proparallel::text as parallel,
         p.proisstrict as strict, p.prosecdef as security_definer, p.proleakproof as leakproof,
         p.procost::text as cost, p.prorows::text as rows, ${functionName('p.prosupport')} as support,
         p.proargnames as argument_names, p.proargmodes::text[] as argument_modes,
         p.pronargdefaults::int as defaults,
         (select array_agg(replace(o, ', ', ',') order by o collate "C") from unnest(p.proconfig) as o) as settings,
         md5(p.prosrc) as source, p.probin as library,
         ${major >= 14 ? 'p.prosqlbody is not null' : 'false'} as has_sql_body
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
   where p.prokind <> 'a' and ${isUserSchema('n')} and ${isNoMember('pg_proc', 'p.oid')}
     and not exists (select from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')`;
}

const aggregateSql = `
  select format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) as name,
         a.aggkind::text as kind, a.aggnumdirectargs::int as direct_arguments, p.proparallel::text as parallel,
         format_type(a.aggtranstype, null) as state_type, a.aggtransspace as state_bytes, a.agginitval as initial,
         ${functionName('a.aggtransfn')} as transition, ${functionName('a.aggfinalfn')} as final,
         ${functionName('a.aggcombinefn')} as combine, ${functionName('a.aggserialfn')} as serial,
         ${functionName('a.aggdeserialfn')} as deserial, a.aggfinalextra as final_extra,
         a.aggfinalmodify::text as final_modify, ${operatorName('a.aggsortop')} as sort_operator,
         ${typeName('a.aggmtranstype')} as moving_state_type, a.aggminitval as moving_initial,
         ${functionName('a.aggmtransfn')} as moving_transition, ${functionName('a.aggminvtransfn')} as moving_inverse,
         ${functionName('a.aggmfinalfn')} as moving_final
    from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid join pg_namespace n on n.oid = p.pronamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_proc', 'p.oid')}`;

const operatorSql = `
  select format('%I.%s(%s,%s)', n.nspname, o.oprname, coalesce(${typeName('o.oprleft')}, 'NONE'),
                coalesce(${typeName('o.oprright')}, 'NONE')) as name,
         o.oprkind::text as kind, format_type(o.oprresult, null) as returns,
         ${functionName('o.oprcode')} as function, ${operatorName('o.oprcom')} as commutator,
         ${operatorName('o.oprnegate')} as negator, ${functionName('o.oprrest')} as restriction,
         ${functionName('o.oprjoin')} as join_estimate, o.oprcanmerge as merges, o.oprcanhash as hashes
    from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
   where o.oprcode <> 0 and ${isUserSchema('n')} and ${isNoMember('pg_operator', 'o.oid')}`;

const operatorClassSql = `
  select format('%I.%I USING %I', n.nspname, c.opcname, am.amname) as name,
         format_type(c.opcintype, null) as type, c.opcdefault as is_default,
         ${typeName('c.opckeytype')} as storage, format('%I.%I', fn.nspname, f.opfname) as family
    from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace join pg_am am on am.oid = c.opcmethod
    join pg_opfamily f on f.oid = c.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace
   where ${isUserSchema('n')} and ${isNoMember('pg_opclass', 'c.oid')}`;

const operatorFamilySql = `
  select format('%I.%I USING %I', n.nspname, f.opfname, am.amname) as name,
         (select array_agg(line order by line collate "C") from (
            select format('%s %s %s', o.amopstrategy, o.amopopr::regoperator, o.amoppurpose) as line
              from pg_amop o where o.amopfamily = f.oid) as lines) as operators,
         (select array_agg(line order by line collate "C") from (
            select format('%s %s (%s, %s)', p.amprocnum, p.amproc::regprocedure,
                          format_type(p.amproclefttype, null), format_type(p.amprocrighttype, null)) as line
              from pg_amproc p where p.amprocfamily = f.oid) as lines) as functions
    from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace join pg_am am on am.oid = f.opfmethod
   where ${isUserSchema('n')} and ${isNoMember('pg_opfamily', 'f.oid')}`;

const castSql = `
  select format('%s AS %s', format_type(c.castsource, null), format_type(c.casttarget, null)) as name,
         ${functionName('c.castfunc')} as function, c.castcontext::text as context, c.castmethod::text as method
    from pg_cast c where ${isUserMade('c.oid')} and ${isNoMember('pg_cast', 'c.oid')}
     and not exists (select from pg_depend d
                      where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'i')`;

const transformSql = `
  select format('%s LANGUAGE %I', format_type(t.trftype, null), l.lanname) as name,
         ${functionName('t.trffromsql')} as from_sql, ${functionName('t.trftosql')} as to_sql
    from pg_transform t join pg_language l on l.oid = t.trflang
   where ${isUserMade('t.oid')} and ${isNoMember('pg_transform', 't.oid')}`;

const languageSql = `
  select format('%I', l.lanname) as name, l.lanpltrusted as trusted,
         ${functionName('l.lanplcallfoid')} as handler, ${functionName('l.laninline')} as inline_handler,
         ${functionName('l.lanvalidator')} as validator
    from pg_language l where ${isUserMade('l.oid')} and l.lanispl and ${isNoMember('pg_language', 'l.oid')}`;

const accessMethodSql = `
  select format('%I', a.amname) as name, a.amtype::text as type, a.amhandler::regproc::text as handler
    from pg_am a where ${isUserMade('a.oid')} and ${isNoMember('pg_am', 'a.oid')}`;
