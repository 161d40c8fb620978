/**
 * The newest migration that a database has had, where a known tool keeps a list of them. Looks before it reads, so that a table of
 * another form, or one that may not be read, never breaks the transaction it is asked in.
 */

import type { Migration } from '../../../domain/manifest.ts';
import type { Session } from '../connection/session.ts';
import { qualifiedName } from '../quote.ts';

interface KnownTool {
  readonly tool: string;
  readonly table: string;
  /** Those that the query needs. */
  readonly columns: readonly string[];
  /** Of the table whose name is put in. */
  readonly newest: (table: string) => string;
}

/** Prisma: schema-engine, `_prisma_migrations`; Flyway: `flyway_schema_history` (documentation, "Schema history table"). */
const knownTools: readonly KnownTool[] = [
  {
    tool: 'prisma',
    table: '_prisma_migrations',
    columns: ['migration_name', 'finished_at', 'rolled_back_at'],
    newest: (table) =>
      `select migration_name::text as name from ${table} where finished_at is not null and rolled_back_at is null
        order by finished_at desc, migration_name desc limit 1`,
  },
  {
    tool: 'flyway',
    table: 'flyway_schema_history',
    columns: ['version', 'description', 'installed_rank', 'success'],
    newest: (table) =>
      `select concat_ws(' ', version, description)::text as name from ${table} where success
        order by installed_rank desc limit 1`,
  },
];

/** Null when there is none. */
export async function readMigration(session: Session): Promise<Migration | null> {
  const rows = await session.query<{ schema: string; table: string; columns: readonly string[] }>(
    `select n.nspname::text as schema, c.relname::text as table,
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relname = any ($1::text[]) and n.nspname !~ '^pg_'
        and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') and not row_security_active(c.oid)
      order by n.nspname = 'public' desc, 1`,
    [knownTools.map(({ table }) => table)],
  );
  for (const { tool, table, columns, newest } of knownTools) {
    const found = rows.find((row) => row.table === table && columns.every((column) => row.columns.includes(column)));
    if (found === undefined) continue;
    const [row] = await session.query<{ name: string }>(newest(qualifiedName(found.schema, found.table)));
    if (row !== undefined) return { tool, name: row.name };
  }
  return null;
}
