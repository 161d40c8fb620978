/**
 * What belongs to the database itself (owner, comment, settings, privileges, limits), from the backup's archive, as far as this
 * user may change it. Each group is brought to what a new database has, then to what the backup says; or left alone.
 */

import type { Finding } from '../../../../../domain/finding.ts';
import type { ArchiveToc } from '../../../archive/toc.ts';
import type { Session } from '../../../connection/session.ts';
import { quoteIdentifier } from '../../../quote.ts';
import { databaseStatements } from '../../database/database-statements.ts';
import { attempt } from './attempt.ts';

export interface ItselfOptions {
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly serverMajor: number;
}

interface Group {
  readonly what: string;
  readonly statements: readonly string[];
}

export async function restoreDatabaseItself(
  session: Session,
  toc: ArchiveToc,
  options: ItselfOptions,
): Promise<readonly Finding[]> {
  const name = session.address.database;
  const wanted = databaseStatements(toc, name, options);
  if (wanted === null) return [];
  const findings: Finding[] = [];
  const apply = async ({ what, statements }: Group): Promise<void> => {
    const refusal = await attempt(session, statements);
    if (refusal !== null) findings.push(keptFinding(name, what, refusal));
  };
  await apply(ownerGroup(name, wanted, await readPresent(session)));
  // A new owner takes over privileges of the old one: they are read only now.
  for (const group of otherGroups(name, wanted, await readPresent(session), options)) await apply(group);
  return findings;
}

type Wanted = NonNullable<ReturnType<typeof databaseStatements>>;

function ownerGroup(name: string, { properties }: Wanted, present: Present): Group {
  const lead = ownerLead(name);
  const isThere = properties.includes(`${lead}${quoteIdentifier(present.owner)}`);
  return { what: 'owner', statements: isThere ? [] : properties.filter((statement) => statement.startsWith(lead)) };
}

function ownerLead(name: string): string {
  return `ALTER DATABASE ${quoteIdentifier(name)} OWNER TO `;
}

function otherGroups(name: string, wanted: Wanted, present: Present, options: ItselfOptions): readonly Group[] {
  const quoted = quoteIdentifier(name);
  const properties = wanted.properties.filter((statement) => !statement.startsWith(ownerLead(name)));
  const isSetting = (statement: string): boolean => /^ALTER (?:DATABASE|ROLE) /.test(statement);
  return [
    { what: 'settings', statements: [...resetSettings(quoted, present), ...properties.filter(isSetting)] },
    { what: 'comment', statements: [...resetComment(quoted, present), ...properties.filter((one) => !isSetting(one))] },
    { what: 'privileges', statements: options.privileges ? privileges(quoted, present, wanted.privileges) : [] },
    { what: 'connection limit', statements: limits(quoted, present, wanted.restrictions) },
  ];
}

interface Present {
  readonly owner: string;
  readonly hasComment: boolean;
  readonly isLimited: boolean;
  readonly hasSettings: boolean;
  readonly rolesWithSettings: readonly string[];
  readonly hasPrivileges: boolean;
  readonly grantees: readonly string[];
}

async function readPresent(session: Session): Promise<Present> {
  const [row] = await session.query<Present>(
    `select pg_get_userbyid(d.datdba)::text as owner, d.datconnlimit <> -1 as "isLimited",
            shobj_description(d.oid, 'pg_database') is not null as "hasComment",
            exists (select from pg_db_role_setting s where s.setdatabase = d.oid and s.setrole = 0) as "hasSettings",
            array(select pg_get_userbyid(s.setrole)::text from pg_db_role_setting s
                   where s.setdatabase = d.oid and s.setrole <> 0 order by 1) as "rolesWithSettings",
            d.datacl is not null as "hasPrivileges",
            array(select distinct case when a.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(a.grantee)) end
                    from aclexplode(d.datacl) a) as grantees
       from pg_database d where d.datname = current_database()`,
  );
  if (row === undefined) throw new TypeError('the database does not know itself');
  return row;
}

function resetComment(quoted: string, { hasComment }: Present): readonly string[] {
  return hasComment ? [`COMMENT ON DATABASE ${quoted} IS NULL`] : [];
}

function resetSettings(quoted: string, present: Present): readonly string[] {
  return [
    ...(present.hasSettings ? [`ALTER DATABASE ${quoted} RESET ALL`] : []),
    ...present.rolesWithSettings.map((role) => `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${quoted} RESET ALL`),
  ];
}

/** A dump says how they differ from those of a new database. */
function privileges(quoted: string, present: Present, wanted: readonly string[]): readonly string[] {
  const reset = present.hasPrivileges
    ? [
        ...present.grantees.map((grantee) => `REVOKE ALL ON DATABASE ${quoted} FROM ${grantee} CASCADE`),
        `GRANT ALL ON DATABASE ${quoted} TO ${quoteIdentifier(present.owner)}`,
        `GRANT CONNECT, TEMPORARY ON DATABASE ${quoted} TO PUBLIC`,
      ]
    : [];
  return [...reset, ...wanted];
}

function limits(quoted: string, present: Present, wanted: readonly string[]): readonly string[] {
  return [...(present.isLimited ? [`ALTER DATABASE ${quoted} CONNECTION LIMIT -1`] : []), ...wanted];
}

function keptFinding(name: string, what: string, refusal: string): Finding {
  return {
    severity: 'warning',
    code: 'database-property-kept',
    message: `the ${what} of the database ${name} stayed as it was: ${refusal}`,
    hint: 'As the owner of the database or a superuser, set it as the DATABASE entries of the backup say (pg_restore --create).',
  };
}
