/**
 * The schema public stays, because extensions live in it and initdb made it. A backup says of it only how it differs from what
 * initdb made (pg_dump.c, selectDumpableNamespace), so it is brought back to that first.
 */

import type { Session } from '../../../connection/session.ts';
import { quoteIdentifier, quoteLiteral } from '../../../quote.ts';

interface PublicRow {
  readonly owner: string;
  readonly first_owner: string;
  readonly acl_is_first: boolean;
  readonly comment: string | null;
  readonly grantees: readonly string[];
  readonly grants: readonly string[];
}

const firstComment = 'standard public schema';
/** From this version on the schema belongs to the owner of the database. */
const databaseOwnerMajor = 15;

/** Statements that make it as initdb would; one that is not allowed is left as it is, with all of them. */
export async function resetPublicSchema(session: Session, major: number): Promise<readonly string[]> {
  const [row] = await session.query<PublicRow>(
    `select pg_get_userbyid(n.nspowner)::text as owner,
            case when $1 then 'pg_database_owner' else pg_get_userbyid(10)::text end as first_owner,
            n.nspacl is not distinct from first.acl as acl_is_first,
            obj_description(n.oid, 'pg_namespace') as comment,
            array(select distinct ${grantee('a')} from aclexplode(n.nspacl) a) as grantees,
            array(select format('GRANT %s ON SCHEMA public TO %s%s', a.privilege_type, ${grantee('a')},
                                case when a.is_grantable then ' WITH GRANT OPTION' else '' end)
                    from aclexplode(first.acl) a) as grants
       from pg_namespace n cross join lateral (
         select coalesce((select i.initprivs from pg_init_privs i where i.classoid = 'pg_namespace'::regclass
                             and i.objoid = n.oid and i.objsubid = 0), acldefault('n', n.nspowner)) as acl) as first
      where n.nspname = 'public'`,
    [major >= databaseOwnerMajor],
  );
  if (row === undefined) return newPublicSchema(major);
  return [
    ...(row.owner === row.first_owner ? [] : [`ALTER SCHEMA public OWNER TO ${quoteIdentifier(row.first_owner)}`]),
    ...(row.acl_is_first
      ? []
      : [...row.grantees.map((one) => `REVOKE ALL ON SCHEMA public FROM ${one} CASCADE`), ...row.grants]),
    ...(row.comment === firstComment ? [] : [commentStatement]),
  ];
}

const commentStatement = `COMMENT ON SCHEMA public IS ${quoteLiteral(firstComment)}`;

function newPublicSchema(major: number): readonly string[] {
  const usage = major >= databaseOwnerMajor ? 'USAGE' : 'ALL';
  return ['CREATE SCHEMA public', `GRANT ${usage} ON SCHEMA public TO PUBLIC`, commentStatement];
}

function grantee(alias: string): string {
  return `case when ${alias}.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(${alias}.grantee)) end`;
}
