/**
 * Whether indexes are sound. With the extension amcheck by its own functions; it is never created here. Else a b-tree is read
 * from end to end in its order, and must give as many rows as the table itself gives in the same snapshot.
 */

import type { Finding } from '../../../domain/finding.ts';
import type { IndexReading, ReadFailure } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import { qualifiedName, quoteIdentifier } from '../quote.ts';
import type { DamagedSession } from './damaged-session.ts';
import type { ListedIndex } from './list-tables.ts';
import type { ReadableTable } from './read-table.ts';

/** The schema amcheck is in; null when it is not installed, or this user may not call it. */
export interface Amcheck {
  readonly schema: string | null;
  readonly findings: readonly Finding[];
}

const timeoutMs = 3_600_000;

export async function findAmcheck(session: DamagedSession): Promise<Amcheck> {
  const [row] = await session.query<{ schema: string | null; may: boolean }>(
    `select n.nspname::text as schema,
            coalesce(has_function_privilege(to_regprocedure(quote_ident(n.nspname) || '.bt_index_check(regclass,boolean)'),
                                            'execute'), false) as may
       from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'amcheck'`,
  );
  if (row?.may === true) return { schema: row.schema, findings: [] };
  const isThere = row !== undefined;
  return {
    schema: null,
    findings: [
      {
        severity: 'note',
        code: isThere ? 'amcheck-refused' : 'amcheck-missing',
        message: isThere
          ? 'this user may not call amcheck, so b-trees were only read in their order, and tables only read'
          : 'the extension amcheck is not in this database, so b-trees were only read in their order, and tables only read',
        hint: isThere
          ? 'Run it as a superuser for a closer look.'
          : 'For a closer look, as a superuser: CREATE EXTENSION amcheck;',
      },
    ],
  };
}

export interface IndexCheck {
  readonly amcheck: string | null;
  /** Rows the table gave; null when it does not read whole, or was read in another snapshot. */
  readonly rows: number | null;
  readonly explain: (message: string) => string;
}

/** Throws `server-gone`. */
export async function checkIndex(
  session: DamagedSession,
  index: ListedIndex,
  { amcheck, rows, explain }: IndexCheck,
): Promise<IndexReading> {
  if (!index.isValid) {
    const error = 'it is marked as not valid; REINDEX makes it anew';
    return { ...factsOf(index), state: 'damaged', method: 'catalog', error };
  }
  try {
    if (index.method === 'btree') return await checkBtree(session, index, rows, amcheck);
    if (index.method === 'gin' && amcheck !== null && (await hasGinCheck(session, amcheck))) {
      await run(session, `select ${quoteIdentifier(amcheck)}.gin_index_check($1::oid::regclass)`, [index.oid]);
      return { ...factsOf(index), state: 'sound', method: 'amcheck', error: null };
    }
    const error = `nothing checks an index of the kind ${index.method}`;
    return { ...factsOf(index), state: 'unchecked', method: 'none', error };
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    return judgeFailure(index, amcheck !== null, rows, explain(messageOf(thrown)));
  }
}

/** Read in its order, an index leads to its table, and may meet the table's damage. */
function judgeFailure(index: ListedIndex, byAmcheck: boolean, rows: number | null, error: string): IndexReading {
  const facts = { ...factsOf(index), method: byAmcheck ? 'amcheck' : 'index scan' };
  // The table read whole, and the index meets a part of it that is not there.
  if (rows !== null && error.includes(`the table ${index.schema}.${index.table}`)) {
    return { ...facts, state: 'damaged', error, leadsBeyond: true };
  }
  const isOwn = rows !== null || byAmcheck || error.includes(`the index ${index.schema}.${index.name}`);
  if (isOwn) return { ...facts, state: 'damaged', error };
  return { ...facts, state: 'unchecked', error: `its table does not read: ${error}` };
}

function factsOf({ schema, table, name }: ListedIndex): Pick<IndexReading, 'schema' | 'table' | 'index'> {
  return { schema, table, index: name };
}

async function checkBtree(
  session: DamagedSession,
  index: ListedIndex,
  rows: number | null,
  amcheck: string | null,
): Promise<IndexReading> {
  if (amcheck === null) return await compareCounts(session, index, rows, false);
  // Looking every row up in the index reads the table too: only where that reads.
  const call = `${quoteIdentifier(amcheck)}.bt_index_check($1::oid::regclass, ${String(rows !== null)})`;
  await run(session, `select ${call}`, [index.oid]);
  // Following the index would meet what its table has lost.
  if (rows === null) return { ...factsOf(index), state: 'sound', method: 'amcheck', error: null };
  return await compareCounts(session, index, rows, true);
}

async function run(session: DamagedSession, sql: string, values: readonly unknown[]): Promise<void> {
  await session.attempt(() => session.current.query(sql, values), timeoutMs);
}

async function hasGinCheck(session: DamagedSession, amcheck: string): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(
    `select to_regprocedure(quote_ident($1) || '.gin_index_check(regclass)') is not null as found`,
    [amcheck],
  );
  return row?.found === true;
}

interface KeyRow {
  readonly key: string;
  readonly option: number;
  readonly predicate: string | null;
}

async function compareCounts(
  session: DamagedSession,
  index: ListedIndex,
  rows: number | null,
  wasChecked: boolean,
): Promise<IndexReading> {
  const facts = factsOf(index);
  const method = wasChecked ? 'amcheck' : 'index scan';
  const [key] = await session.query<KeyRow>(
    `select pg_get_indexdef(i.indexrelid, 1, false) as key, i.indoption[0]::int as option,
            pg_get_expr(i.indpred, i.indrelid) as predicate
       from pg_index i where i.indexrelid = $1`,
    [index.oid],
  );
  if (key === undefined) return { ...facts, state: 'unchecked', method, error: 'its definition is gone' };
  const where = key.predicate === null ? '' : ` where ${key.predicate}`;
  const source = `only ${qualifiedName(index.schema, index.table)}${where}`;
  const inOrder = `select count(*)::text as rows from (select 1 from ${source} order by ${key.key} ${directionOf(key)} offset 0) s`;
  const counted = await countInOrder(session, inOrder, index.name);
  if (counted === null) {
    if (wasChecked) return { ...facts, state: 'sound', method, error: null };
    return { ...facts, state: 'unchecked', method, error: 'the server would not read it from end to end' };
  }
  if (rows === null) {
    const error = 'it reads; its table does not, so the two could not be compared';
    return { ...facts, state: 'unchecked', method, error };
  }
  const expected = key.predicate === null ? rows : await countRows(session, source);
  if (counted === expected) return { ...facts, state: 'sound', method, error: null };
  const error = `it leads to ${String(counted)} rows, the table holds ${String(expected)}`;
  const beyond = counted > expected ? ({ leadsBeyond: true } as const) : {};
  return { ...facts, state: 'damaged', method: 'index scan', error, ...beyond };
}

/** indoption: 1 descending, 2 nulls first (pg_index.h). */
function directionOf({ option }: KeyRow): string {
  return `${(option & 1) === 0 ? 'asc' : 'desc'} nulls ${(option & 2) === 0 ? 'last' : 'first'}`;
}

async function countRows(session: DamagedSession, source: string): Promise<number> {
  const sql = `select count(*)::text as rows from ${source}`;
  const [row] = await session.attempt(() => session.current.query<{ rows: string }>(sql), timeoutMs);
  return Number(row?.rows);
}

const scans = ['indexscan', 'indexonlyscan'];

/** Null when the server would take another way than this index. */
async function countInOrder(session: DamagedSession, sql: string, index: string): Promise<number | null> {
  return session.attempt(async () => {
    const { current } = session;
    const set = (name: string, value: 'on' | 'off'): Promise<unknown> =>
      current.query(`set local enable_${name} = ${value}`);
    for (const name of scans) await set(name, 'on');
    await set('sort', 'off');
    const [plan] = await current.query<{ 'QUERY PLAN': unknown }>(`explain (format json) ${sql}`);
    const isUsed = JSON.stringify(plan?.['QUERY PLAN'] ?? null).includes(`"Index Name":${JSON.stringify(index)}`);
    const counted = isUsed ? await current.query<{ rows: string }>(sql) : [];
    for (const name of scans) await set(name, 'off');
    await set('sort', 'on');
    return isUsed ? Number(counted[0]?.rows) : null;
  }, timeoutMs);
}

/** What amcheck says of a table's own pages (`verify_heapam`, PostgreSQL 14 and newer). Throws `server-gone`. */
export async function checkHeap(
  session: DamagedSession,
  table: ReadableTable,
  amcheck: string,
): Promise<readonly ReadFailure[]> {
  const what = `table ${table.schema}.${table.name}`;
  try {
    const rows = await session.attempt(
      () =>
        session.current.query<{ blkno: string; offnum: number | null; msg: string }>(
          `select blkno::text, offnum, msg from ${quoteIdentifier(amcheck)}.verify_heapam($1::oid::regclass, check_toast => true) limit 20`,
          [table.oid],
        ),
      timeoutMs,
    );
    return rows.map(({ blkno, offnum, msg }) => ({
      what,
      error: `amcheck: block ${blkno}, row ${String(offnum)}: ${msg}`,
    }));
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    return [{ what, error: `amcheck: ${messageOf(thrown)}` }];
  }
}
