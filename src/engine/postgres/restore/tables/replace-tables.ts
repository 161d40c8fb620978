/**
 * Loaded tables take over the names of the living ones, in one transaction: the living tables, their indexes, sequences
 * and statistics get dated names first. Only names move, so the locks are held for a moment.
 */

import type { Finding } from '../../../../domain/finding.ts';
import { messageOf } from '../../../../domain/error.ts';
import type { Work } from '../../../../domain/work.ts';
import { errorCodeOf } from '../../connection/server-errors.ts';
import { openSession, type Session } from '../../connection/session.ts';
import { qualifiedName } from '../../quote.ts';
import type { RestoreContext } from '../context.ts';
import { restoreErrors } from '../errors.ts';
import { fitName, nameTime } from '../names.ts';
import { displayName, type ChosenTable } from './choose-tables.ts';
import type { LoadedTable } from './load-beside.ts';
import { readParts, renamePart } from './model-names.ts';

/** How long a session that uses the living table may keep us waiting. */
const lockTimeout = '30s';

/** The names the living tables are kept under, by table; null where there was none. */
export async function replaceTables(
  context: RestoreContext,
  tables: readonly LoadedTable[],
  time: Date,
  work: Work,
): Promise<readonly (string | null)[]> {
  await using session = await openSession(context.address, { purpose: 'restore', signal: work.signal });
  const kept: (string | null)[] = [];
  await session.query('begin');
  try {
    await session.query(`set local lock_timeout = '${lockTimeout}'`);
    for (const table of tables) kept.push(await replaceOne(session, table, time));
    await session.query('commit');
    return kept;
  } catch (thrown) {
    await session.query('rollback').catch(() => undefined);
    throw errorCodeOf(thrown) === '55P03'
      ? restoreErrors.make('swap-failed', `a living table stayed in use for ${lockTimeout}: ${messageOf(thrown)}`, {
          cause: thrown,
        })
      : thrown;
  }
}

/** What hangs on the living table and would go on hanging on the old one. All of it blocks. */
export async function findTies(session: Session, table: ChosenTable): Promise<readonly Finding[]> {
  const name = displayName(table.schema, table.table);
  const rows = await session.query<{ what: string }>(tiesSql, [table.schema, table.table]);
  if (rows.length === 0) return [];
  const shown = rows.slice(0, 10).map(({ what }) => what);
  const more = rows.length > shown.length ? ` and ${String(rows.length - shown.length)} more` : '';
  return [
    {
      severity: 'blocking',
      code: 'table-tied',
      message: `${name} cannot be replaced, because these depend on the living one and would stay with it: ${shown.join(', ')}${more}`,
      hint: 'Restore the table beside (without --replace) and copy its rows over, or restore the whole database.',
    },
  ];
}

/** PostgreSQL documentation, "System Catalogs", pg_depend: everything that depends on the table or its row type, less its own parts. */
const tiesSql = `
  with t as (
    select c.oid, c.reltype from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2),
  dependent as (
    select d.classid, d.objid, d.objsubid from pg_depend d, t
     where d.refclassid = 'pg_class'::regclass
       and (d.refobjid = t.oid or d.refobjid in (select indexrelid from pg_index where indrelid = t.oid))
       and d.deptype in ('n', 'a')
    union
    select d.classid, d.objid, d.objsubid
      from pg_depend d, t left join pg_type y on y.oid = t.reltype
     where d.refclassid = 'pg_type'::regclass and d.refobjid in (y.oid, y.typarray) and d.deptype = 'n'),
  own as (
    select 'pg_class'::regclass as classid, indexrelid as objid from pg_index i, t where i.indrelid = t.oid
    union all select 'pg_class'::regclass, t.oid from t
    union all select 'pg_constraint'::regclass, c.oid from pg_constraint c, t where c.conrelid = t.oid
    union all select 'pg_attrdef'::regclass, a.oid from pg_attrdef a, t where a.adrelid = t.oid
    union all select 'pg_trigger'::regclass, g.oid from pg_trigger g, t where g.tgrelid = t.oid
    union all select 'pg_rewrite'::regclass, r.oid from pg_rewrite r, t where r.ev_class = t.oid
    union all select 'pg_policy'::regclass, p.oid from pg_policy p, t where p.polrelid = t.oid
    union all select 'pg_statistic_ext'::regclass, s.oid from pg_statistic_ext s, t where s.stxrelid = t.oid
    union all select 'pg_class'::regclass, d.objid from pg_depend d join pg_class q on q.oid = d.objid and q.relkind = 'S', t
               where d.classid = 'pg_class'::regclass and d.refobjid = t.oid and d.deptype in ('a', 'i'))
  select distinct pg_describe_object(classid, objid, 0) as what from dependent
   where not exists (select from own where own.classid = dependent.classid and own.objid = dependent.objid)
  union
  select format('its parent %s', i.inhparent::regclass) from pg_inherits i, t where i.inhrelid = t.oid
  order by 1`;

async function replaceOne(session: Session, table: LoadedTable, time: Date): Promise<string | null> {
  const { schema, table: name } = table.chosen;
  const living = await readParts(session, schema, name);
  let keptAs: string | null = null;
  if (living !== null) {
    await session.query(`lock table only ${qualifiedName(schema, name)} in access exclusive mode`);
    // What was tied to it since the plan was made counts too.
    const [tie] = await findTies(session, table.chosen);
    if (tie !== undefined) throw restoreErrors.make('target-unfit', tie.message, { hint: tie.hint });
    const suffix = `_before_${nameTime(time)}`;
    for (const part of living) await session.query(renamePart(part, fitName(part.name, suffix)));
    keptAs = fitName(name, suffix);
  }
  for (const part of table.parts) await session.query(renamePart({ ...part, name: part.newName }, part.name));
  return keptAs;
}
