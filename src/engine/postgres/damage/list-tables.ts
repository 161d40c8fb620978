/** Which tables and indexes there are, asked piece by piece: a damaged catalog must not hide what the others say. */

import type { ReadFailure } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { DamagedSession } from './damaged-session.ts';
import type { ReadableTable } from './read-table.ts';

export interface ListedIndex {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly tableOid: number;
  /** `btree`, `gin`, … */
  readonly method: string;
  readonly isPartial: boolean;
  readonly isValid: boolean;
  readonly bytes: number | null;
  readonly path: string | null;
}

export interface Listed {
  readonly tables: readonly ReadableTable[];
  readonly sequences: readonly { readonly schema: string; readonly name: string }[];
  readonly indexes: readonly ListedIndex[];
  /** File of a relation as the server's messages name it (`base/16384/16402`) → what it is. */
  readonly files: ReadonlyMap<string, string>;
  readonly failures: readonly ReadFailure[];
}

export interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly relkind: string;
}

const isOurs = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relpersistence <> 't'`;

/** Throws what keeps the list itself from being read. */
export async function listRelations(session: DamagedSession): Promise<readonly RelationRow[]> {
  return await session.query<RelationRow>(
    `select c.oid, n.nspname::text as schema, c.relname::text as name, c.relkind::text as relkind
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'S') and ${isOurs} order by 2, 3`,
  );
}

type Attempt = <T>(what: string, otherwise: T, action: () => Promise<T>) => Promise<T>;

/** Everything else that is known of them; what does not read is among the failures. */
export async function describeRelations(session: DamagedSession, relations: readonly RelationRow[]): Promise<Listed> {
  const failures: ReadFailure[] = [];
  const files = new Map<string, string>();
  const attempt: Attempt = async (what, otherwise, action) => {
    try {
      return await action();
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
      failures.push({ what, error: messageOf(thrown) });
      return otherwise;
    }
  };
  const conditions = await attempt('the list of extensions', new Map<number, string>(), () => configTables(session));
  const members = await attempt('the list of what extensions own', new Set<number>(), () => extensionMembers(session));
  const tables: ReadableTable[] = [];
  for (const relation of relations.filter(({ relkind }) => relkind === 'r')) {
    const condition = conditions.get(relation.oid);
    // Rows of an extension's own tables come with the extension, but for those it marks as configuration.
    if (members.has(relation.oid) && condition === undefined) continue;
    const table = await describeTable(session, relation, attempt, files);
    if (table !== null) tables.push({ ...table, condition: condition === '' ? null : (condition ?? null) });
  }
  const indexes = await attempt<readonly ListedIndex[]>('the list of indexes', [], () => indexesOf(session));
  for (const { path, schema, name } of indexes) if (path !== null) files.set(path, `the index ${schema}.${name}`);
  const sequences = relations.filter(({ relkind, oid }) => relkind === 'S' && !members.has(oid));
  return { tables, indexes, sequences, files, failures };
}

/** Null when nobody knows its columns. */
async function describeTable(
  session: DamagedSession,
  { oid, schema, name }: RelationRow,
  attempt: Attempt,
  files: Map<string, string>,
): Promise<Omit<ReadableTable, 'condition'> | null> {
  const shown = `${schema}.${name}`;
  const columns = await attempt<readonly string[] | null>(`the columns of ${shown}`, null, () =>
    columnsOf(session, oid),
  );
  if (columns === null) return null;
  const size = await attempt<SizeRow | null>(`the size of ${shown}`, null, () => sizeOf(session, oid));
  if (size === null) return { oid, schema, name, columns, blocks: null, blocksBefore: 0, sizeBytes: null };
  noteFiles(files, size, shown, oid);
  const { blocks, blocks_before: blocksBefore } = size;
  return { oid, schema, name, columns, blocks, blocksBefore, sizeBytes: Number(size.bytes) };
}

async function configTables(session: DamagedSession): Promise<Map<number, string>> {
  const rows = await session.query<{ oid: number; condition: string }>(
    `select k.oid, coalesce(e.extcondition[k.at], '') as condition
       from pg_extension e cross join unnest(e.extconfig) with ordinality as k(oid, at)`,
  );
  return new Map(rows.map(({ oid, condition }) => [oid, condition.replace(/^\s*where\s/i, '').trim()]));
}

async function extensionMembers(session: DamagedSession): Promise<Set<number>> {
  const rows = await session.query<{ oid: number }>(
    `select objid as oid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e'`,
  );
  return new Set(rows.map(({ oid }) => oid));
}

/** As pg_dump loads them: no generated ones. */
async function columnsOf(session: DamagedSession, oid: number): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    `select attname::text as name from pg_attribute
      where attrelid = $1 and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [oid],
  );
  return rows.map(({ name }) => name);
}

interface SizeRow {
  readonly blocks: number;
  readonly blocks_before: number;
  readonly bytes: string;
  readonly path: string | null;
  readonly toast_path: string | null;
  readonly toast_index: string | null;
}

async function sizeOf(session: DamagedSession, oid: number): Promise<SizeRow | null> {
  const [row] = await session.query<SizeRow>(
    `select (pg_relation_size(c.oid) / current_setting('block_size')::int)::int as blocks,
            c.relpages as blocks_before,
            pg_table_size(c.oid)::text as bytes, pg_relation_filepath(c.oid) as path,
            pg_relation_filepath(nullif(c.reltoastrelid, 0)) as toast_path,
            (select pg_relation_filepath(i.indexrelid) from pg_index i where i.indrelid = c.reltoastrelid limit 1)
              as toast_index
       from pg_class c where c.oid = $1`,
    [oid],
  );
  return row ?? null;
}

function noteFiles(files: Map<string, string>, size: SizeRow, name: string, oid: number): void {
  if (size.path !== null) files.set(size.path, `the table ${name}`);
  const aside = `pg_toast.pg_toast_${String(oid)}, where long values of ${name} are`;
  if (size.toast_path !== null) files.set(size.toast_path, aside);
  if (size.toast_index !== null) files.set(size.toast_index, `the index of ${aside}`);
}

/** Of tables and materialized views. */
async function indexesOf(session: DamagedSession): Promise<readonly ListedIndex[]> {
  const rows = await session.query<Omit<ListedIndex, 'bytes'> & { readonly bytes: string | null }>(
    `select i.indexrelid as oid, n.nspname::text as schema, x.relname::text as name, c.relname::text as "table",
            c.oid as "tableOid", a.amname::text as method, i.indpred is not null as "isPartial",
            i.indisvalid and i.indisready as "isValid", pg_relation_size(x.oid)::text as bytes,
            pg_relation_filepath(x.oid) as path
       from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace join pg_am a on a.oid = x.relam
      where x.relkind = 'i' and c.relkind in ('r', 'm') and ${isOurs} order by 2, 4, 3`,
  );
  return rows.map((row) => ({ ...row, bytes: row.bytes === null ? null : Number(row.bytes) }));
}

/** A server's message with the relation that the file in it belongs to. */
export function explainWith(files: ReadonlyMap<string, string>): (message: string) => string {
  return (message) => {
    const path = /\bbase\/\d+\/\d+|\bpg_tblspc\/[\w./]+?\/\d+\/\d+/.exec(message)?.[0];
    const what = path === undefined ? undefined : files.get(path);
    return what === undefined ? message : `${message} (${path ?? ''} is ${what})`;
  };
}
