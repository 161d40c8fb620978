/**
 * A table's names in its schema: its own, its indexes', its sequences', its statistics'. They must be unique there, so a
 * second copy of the table needs others. (Constraints with an index are renamed with it; triggers, policies and other constraints are
 * named per table.)
 */

import type { Session } from '../../connection/session.ts';
import { qualifiedName, quoteIdentifier } from '../../quote.ts';

export interface NamedPart {
  readonly kind: 'TABLE' | 'INDEX' | 'SEQUENCE' | 'STATISTICS';
  readonly schema: string;
  readonly name: string;
}

export interface RenamedPart extends NamedPart {
  readonly newName: string;
}

/** The table last, so that the others are found under its present name. Null when there is no such table. */
export async function readParts(session: Session, schema: string, table: string): Promise<readonly NamedPart[] | null> {
  const rows = await session.query<NamedPart>(
    `with t as (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p'))
     select 'INDEX' as kind, n.nspname::text as schema, c.relname::text as name, 1 as place
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace, t
      where i.indrelid = t.oid
     union all
     select 'SEQUENCE', n.nspname::text, c.relname::text, 2
       from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S'
            join pg_namespace n on n.oid = c.relnamespace, t
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
        and d.deptype in ('a', 'i')
     union all
     select 'STATISTICS', n.nspname::text, s.stxname::text, 3
       from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace, t where s.stxrelid = t.oid
     union all
     select 'TABLE', $1, $2, 4 from t
      order by place, name`,
    [schema, table],
  );
  return rows.length === 0 ? null : rows.map(({ kind, schema: place, name }) => ({ kind, schema: place, name }));
}

export function renamePart({ kind, schema, name }: NamedPart, to: string): string {
  return `alter ${kind.toLowerCase()} ${qualifiedName(schema, name)} rename to ${quoteIdentifier(to)}`;
}

/** SQL for the extended statistics among the parts, which have their new names already. */
export async function defineStatistics(
  session: Session,
  parts: readonly RenamedPart[],
  owners: boolean,
): Promise<string> {
  const names = parts.filter(({ kind }) => kind === 'STATISTICS');
  const rows = await session.query<{ definition: string; name: string; owner: string; target: number | null }>(
    `select pg_get_statisticsobjdef(s.oid) as definition, format('%I.%I', n.nspname, s.stxname) as name,
            quote_ident(pg_get_userbyid(s.stxowner)) as owner, s.stxstattarget::int as target
       from unnest($1::text[], $2::text[]) as p(schema, name)
            join pg_namespace n on n.nspname = p.schema
            join pg_statistic_ext s on s.stxnamespace = n.oid and s.stxname = p.name`,
    [names.map(({ schema }) => schema), names.map(({ newName }) => newName)],
  );
  return rows
    .map(({ definition, name, owner, target }) => [
      `${definition};\n`,
      ...(owners ? [`ALTER STATISTICS ${name} OWNER TO ${owner};\n`] : []),
      // Before 17 the default is -1, from then on null.
      ...(target === null || target < 0 ? [] : [`ALTER STATISTICS ${name} SET STATISTICS ${String(target)};\n`]),
    ])
    .flat()
    .join('');
}
