/**
 * Schemas, extensions, and what belongs to the whole database. Not among them: subscriptions, which a restore creates
 * without their connection; options of user mappings, which are passwords; versions of extensions, which are those of the
 * place where they are installed.
 */

import {
  columnNames,
  functionName,
  isNoMember,
  isUserMade,
  isUserSchema,
  relationName,
  sorted,
  type InventoryQueries,
} from './inventory-query.ts';

export const databaseQueries: InventoryQueries = (major) => [
  { kind: 'schema', sql: schemaSql },
  { kind: 'extension', sql: extensionSql },
  { kind: 'event-trigger', sql: eventTriggerSql },
  { kind: 'foreign-data-wrapper', sql: wrapperSql },
  { kind: 'foreign-server', sql: serverSql },
  { kind: 'user-mapping', sql: userMappingSql },
  { kind: 'publication', sql: publicationSql(major) },
  { kind: 'publication-table', sql: publicationTableSql(major) },
  ...(major >= 15 ? [{ kind: 'publication-schema', sql: publicationSchemaSql }] : []),
];

const schemaSql = `
  select format('%I', n.nspname) as name from pg_namespace n
   where ${isUserSchema('n')} and ${isNoMember('pg_namespace', 'n.oid')}`;

/** PL/pgSQL is in every new database. */
const extensionSql = `
  select format('%I', e.extname) as name, n.nspname::text as schema
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql'`;

const eventTriggerSql = `
  select format('%I', e.evtname) as name, e.evtevent::text as event, e.evtenabled::text as enabled,
         ${functionName('e.evtfoid')} as function, ${sorted('e.evttags')} as tags
    from pg_event_trigger e where ${isNoMember('pg_event_trigger', 'e.oid')}`;

const wrapperSql = `
  select format('%I', w.fdwname) as name, ${functionName('w.fdwhandler')} as handler,
         ${functionName('w.fdwvalidator')} as validator, ${sorted('w.fdwoptions')} as options
    from pg_foreign_data_wrapper w
   where ${isUserMade('w.oid')} and ${isNoMember('pg_foreign_data_wrapper', 'w.oid')}`;

const serverSql = `
  select format('%I', s.srvname) as name, w.fdwname::text as wrapper, s.srvtype as type, s.srvversion as version,
         ${sorted('s.srvoptions')} as options
    from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
   where ${isNoMember('pg_foreign_server', 's.oid')}`;

const userMappingSql = `
  select format('%I FOR %I', u.srvname, u.usename) as name
    from pg_user_mappings u where ${isNoMember('pg_foreign_server', 'u.srvid')}`;

function publicationSql(major: number): string {
  return `
  select format('%I', p.pubname) as name, p.puballtables as all_tables, p.pubinsert as inserts,
         p.pubupdate as updates, p.pubdelete as deletes, p.pubtruncate as truncates, p.pubviaroot as via_root,
         ${major >= 18 ? "nullif(p.pubgencols::text, 'n')" : 'null::text'} as generated_columns
    from pg_publication p where ${isNoMember('pg_publication', 'p.oid')}`;
}

function publicationTableSql(major: number): string {
  return `
  select format('%I %s', p.pubname, ${relationName('r.prrelid')}) as name,
         ${major >= 15 ? sorted(columnNames('r.prrelid', 'r.prattrs::int2[]')) : 'null::text[]'} as columns,
         ${major >= 15 ? 'r.prqual is not null' : 'false'} as has_condition
    from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
   where ${isNoMember('pg_publication', 'p.oid')}`;
}

const publicationSchemaSql = `
  select format('%I %I', p.pubname, n.nspname) as name
    from pg_publication_namespace r join pg_publication p on p.oid = r.pnpubid
    join pg_namespace n on n.oid = r.pnnspid where ${isNoMember('pg_publication', 'p.oid')}`;
