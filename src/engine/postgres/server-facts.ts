/** What has to be known of a server and the connected database before anything is decided. */

import { postgresErrors } from './errors.ts';
import type { Session } from './connection/session.ts';

export interface ServerFacts {
  /** `170011` */
  readonly versionNumber: number;
  /** `17.11`, without what a distribution adds. */
  readonly version: string;
  readonly major: number;
  readonly database: string;
  readonly user: string;
  /** Of the connected database. */
  readonly encoding: string;
  readonly sizeBytes: number;
  readonly isStandby: boolean;
  readonly isSuperuser: boolean;
  readonly bypassesRls: boolean;
  readonly canCreateDatabases: boolean;
  readonly canCreateRoles: boolean;
  /** May read pg_authid: the roles' passwords, hashed. */
  readonly mayReadPasswords: boolean;
  /** Null where the role may not ask. */
  readonly systemIdentifier: string | null;
  /** Locks that all sessions together can surely hold. */
  readonly lockSlots: number;
}

interface FactsRow {
  readonly version_number: number;
  readonly version: string;
  readonly database: string;
  readonly user_name: string;
  readonly encoding: string;
  readonly size_bytes: string;
  readonly is_standby: boolean;
  readonly is_superuser: boolean;
  readonly bypasses_rls: boolean;
  readonly creates_databases: boolean;
  readonly creates_roles: boolean;
  readonly may_read_control: boolean;
  readonly may_read_passwords: boolean;
  readonly lock_slots: string;
}

/** Oldest major version that dumps are taken from. */
export const oldestMajor = 13;

export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const [row] = await session.query<FactsRow>(`
    select current_setting('server_version_num')::int as version_number,
           current_setting('server_version') as version,
           current_database() as database,
           current_user as user_name,
           pg_encoding_to_char(d.encoding) as encoding,
           pg_database_size(d.oid)::text as size_bytes,
           pg_is_in_recovery() as is_standby,
           r.rolsuper as is_superuser,
           r.rolsuper or r.rolbypassrls as bypasses_rls,
           r.rolsuper or r.rolcreatedb as creates_databases,
           r.rolsuper or r.rolcreaterole as creates_roles,
           has_function_privilege('pg_catalog.pg_control_system()', 'execute') as may_read_control,
           has_table_privilege('pg_catalog.pg_authid', 'select') as may_read_passwords,
           (current_setting('max_locks_per_transaction')::bigint
             * (current_setting('max_connections')::bigint
                + current_setting('max_prepared_transactions')::bigint))::text as lock_slots
      from pg_database d cross join pg_roles r
     where d.datname = current_database() and r.rolname = current_user`);
  if (row === undefined) throw postgresErrors.make('query-failed', 'the server does not know its own database or user');
  return {
    versionNumber: row.version_number,
    version: row.version.split(' ')[0] ?? row.version,
    major: Math.floor(row.version_number / 10_000),
    database: row.database,
    user: row.user_name,
    encoding: row.encoding,
    sizeBytes: Number(row.size_bytes),
    isStandby: row.is_standby,
    isSuperuser: row.is_superuser,
    bypassesRls: row.bypasses_rls,
    canCreateDatabases: row.creates_databases,
    canCreateRoles: row.creates_roles,
    mayReadPasswords: row.may_read_passwords,
    systemIdentifier: row.may_read_control ? await readSystemIdentifier(session) : null,
    lockSlots: Number(row.lock_slots),
  };
}

/** Throws `server-too-old`. */
export function demandSupported(facts: ServerFacts): void {
  if (facts.major >= oldestMajor) return;
  throw postgresErrors.make('server-too-old', `the server is PostgreSQL ${facts.version}`);
}

async function readSystemIdentifier(session: Session): Promise<string | null> {
  const [row] = await session.query<{ id: string }>('select system_identifier::text as id from pg_control_system()');
  return row?.id ?? null;
}
