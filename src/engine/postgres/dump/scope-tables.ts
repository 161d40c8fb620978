/**
 * The relations that pg_dump will read for a scope, chosen by its own rules (expand_table_name_patterns,
 * selectDumpableNamespace and selectDumpableTable in src/bin/pg_dump/pg_dump.c): chosen tables overrule schemas,
 * exclusions apply to both, members of extensions are left to the extension but for its configuration tables.
 */

import type { Scope } from '../../../domain/scope.ts';
import type { Session } from '../connection/session.ts';
import { postgresErrors } from '../errors.ts';
import { parseSchemaPattern, parseTablePattern } from './name-pattern.ts';

export type RelationKind = 'table' | 'partitioned' | 'foreign' | 'view' | 'materialized-view' | 'sequence';

export interface ScopeRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly isUnlogged: boolean;
}

interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly relkind: string;
  readonly unlogged: boolean;
}

const kinds: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned',
  f: 'foreign',
  v: 'view',
  m: 'materialized-view',
  S: 'sequence',
};

/** True when the scope holds every table of the database. */
export function holdsEverything(scope: Scope): boolean {
  return [scope.tables, scope.schemas, scope.excludedTables, scope.excludedSchemas].every((list) => list.length === 0);
}

/** Ordered by number, so that two lists can be compared. */
export async function listScopeRelations(session: Session, scope: Scope): Promise<readonly ScopeRelation[]> {
  const patterns = [scope.tables, scope.excludedTables].map((list) => list.map(parseTablePattern));
  const [tables = [], excluded = []] = patterns;
  const schemas = scope.schemas.map(parseSchemaPattern);
  const rows = await session.query<RelationRow>(relationsSql, [
    tables.map((pattern) => pattern.schema),
    tables.map((pattern) => pattern.name),
    excluded.map((pattern) => pattern.schema),
    excluded.map((pattern) => pattern.name),
    schemas,
    scope.excludedSchemas.map(parseSchemaPattern),
    await visibleRelations(
      session,
      [...tables, ...excluded].some((pattern) => pattern.schema === null),
    ),
  ]);
  return rows.map((row) => ({
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: kinds[row.relkind] ?? 'table',
    isUnlogged: row.unlogged,
  }));
}

/** Throws `nothing-in-scope` when a chosen name matches nothing, as pg_dump does with --strict-names. */
export async function demandMatches(session: Session, scope: Scope): Promise<void> {
  const visible = await visibleRelations(
    session,
    scope.tables.some((text) => parseTablePattern(text).schema === null),
  );
  for (const text of scope.tables) {
    const pattern = parseTablePattern(text);
    const found = await session.query<{ found: boolean }>(
      `select true as found from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S') and c.relname ~ $2 collate "default"
          and ($1::text is null and c.oid = any ($3::oid[]) or n.nspname ~ $1 collate "default") limit 1`,
      [pattern.schema, pattern.name, visible],
    );
    if (found.length === 0) throw postgresErrors.make('nothing-in-scope', `no table matches ${text}`);
  }
  for (const text of scope.schemas) {
    const found = await session.query<{ found: boolean }>(
      `select true as found from pg_namespace where nspname ~ $1 collate "default" limit 1`,
      [parseSchemaPattern(text)],
    );
    if (found.length === 0) throw postgresErrors.make('nothing-in-scope', `no schema matches ${text}`);
  }
}

/** A pattern without schema means what the role's own search_path shows; ours shows nothing but pg_catalog. */
async function visibleRelations(session: Session, areNeeded: boolean): Promise<readonly number[]> {
  if (!areNeeded) return [];
  await session.query('reset search_path');
  const rows = await session.query<{ oid: number }>(
    'select oid from pg_catalog.pg_class where pg_catalog.pg_table_is_visible(oid)',
  );
  await session.query('set search_path = pg_catalog');
  return rows.map((row) => row.oid);
}

const matches = (schema: string, name: string): string => `exists (
    select from unnest(${schema}::text[], ${name}::text[]) as p(schema, name)
     where c.relname ~ p.name collate "default"
       and (p.schema is null and c.oid = any ($7::oid[]) or n.nspname ~ p.schema collate "default"))`;

const matchesSchema = (patterns: string): string =>
  `exists (select from unnest(${patterns}::text[]) as p(name) where n.nspname ~ p.name collate "default")`;

const relationsSql = `
  select c.oid, n.nspname as schema, c.relname as name, c.relkind::text as relkind, c.relpersistence = 'u' as unlogged
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
     and c.relpersistence <> 't'
     and case when cardinality($1::text[]) > 0 or cardinality($2::text[]) > 0 then ${matches('$1', '$2')}
              when cardinality($5::text[]) > 0 then ${matchesSchema('$5')}
              else n.nspname !~ '^pg_' and n.nspname <> 'information_schema' end
     and (cardinality($2::text[]) > 0 or not ${matchesSchema('$6')})
     and not ${matches('$3', '$4')}
     and (not exists (select from pg_depend d
                       where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
          or exists (select from pg_extension e where c.oid = any (e.extconfig)))
   order by c.oid`;
