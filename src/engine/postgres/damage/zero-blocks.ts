/**
 * Blocks that hold nothing but zeros. PostgreSQL takes such a block as one that was never used: it reads without an error,
 * checksums or not, and its rows are simply not there (bufpage.c, PageIsVerified). Only the file shows it, which a superuser
 * may read through SQL. The visibility map never marks an unused block: where it does, there were rows.
 */

import type { Finding } from '../../../domain/finding.ts';
import { describeLostRanges, LostRanges, type LostRange } from '../../../domain/damage.ts';
import { HoldfastError } from '../../../domain/error.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { qualifiedName } from '../quote.ts';
import { isDamageCode, type DamagedSession } from './damaged-session.ts';
import { blocksBetween, mostBlocksAtOnce, type ReadableTable, type ServerForm } from './read-table.ts';

export interface ZeroBlocks {
  /** That had rows once. */
  readonly lost: readonly LostRange[];
  readonly moreLost: number;
  readonly findings: readonly Finding[];
}

export const noZeroBlocks: ZeroBlocks = { lost: [], moreLost: 0, findings: [] };

const error = 'holds nothing but zeros, and had rows';
/** A relation's file is cut there (RELSEG_SIZE). */
const segmentBytes = 1024 * 1024 * 1024;
/** A visibility map page is a page header and two bits for each heap block (visibilitymap.c). */
const pageHeaderBytes = 24;
const blocksPerByte = 4;
const blocksPerStatement = 16_384;
const mostCandidates = 4096;

/** For a user who may read the server's files. Throws `server-gone`. */
export async function findZeroBlocks(
  session: DamagedSession,
  table: ReadableTable,
  form: ServerForm,
): Promise<ZeroBlocks> {
  if (table.blocks === null || table.blocks === 0) return noZeroBlocks;
  try {
    return await search(session, table, table.blocks, form);
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    return { ...noZeroBlocks, findings: [notSearched(table, thrown.message)] };
  }
}

async function search(
  session: DamagedSession,
  table: ReadableTable,
  blocks: number,
  form: ServerForm,
): Promise<ZeroBlocks> {
  const { blockBytes } = form;
  const lost = new LostRanges();
  const suspects = new LostRanges();
  const candidates: number[] = [];
  let searched = 0;
  while (searched < blocks && candidates.length < mostCandidates) {
    const until = Math.min(blocks, searched + blocksPerStatement);
    candidates.push(...(await zeroBlocksBetween(session, table.oid, searched, until, blockBytes)));
    searched = until;
  }
  for (const block of candidates) {
    const kind = await judge(session, table, block, blocks, form);
    if (kind === null) continue;
    const range: LostRange = { unit: 'block', first: String(block), last: String(block), error };
    (kind === 'lost' ? lost : suspects).add(range, ({ last }) => Number(last) === block - 1);
  }
  const found = { lost: suspects.list, moreLost: suspects.more };
  const findings = [
    ...(found.lost.length === 0 ? [] : [suspect(table, describeLostRanges(found))]),
    ...(searched === blocks
      ? []
      : [notSearched(table, `from block ${String(searched)} on: there are too many of them`)]),
  ];
  return { lost: lost.list, moreLost: lost.more, findings };
}

async function zeroBlocksBetween(
  session: DamagedSession,
  oid: number,
  from: number,
  until: number,
  blockBytes: number,
): Promise<readonly number[]> {
  const perSegment = segmentBytes / blockBytes;
  const rows = await session.query<{ block: number }>(
    `select b as block
       from generate_series($2::int, $3::int - 1) as b cross join pg_relation_filepath($1::oid) as path
      where pg_read_binary_file(path || case when b < $5 then '' else '.' || (b / $5)::text end,
                                (b % $5)::bigint * $4, $4, true) = decode(repeat('00', $4::int), 'hex')
      order by b`,
    [oid, from, until, blockBytes, perSegment],
  );
  return rows.map(({ block }) => block);
}

/** Null for a block that is used in memory and not written yet, or that nothing follows: a table grows by such blocks. */
async function judge(
  session: DamagedSession,
  table: ReadableTable,
  block: number,
  blocks: number,
  form: ServerForm,
): Promise<'lost' | 'suspect' | null> {
  const source = `only ${qualifiedName(table.schema, table.name)}`;
  const step = mostBlocksAtOnce(form);
  const holdsRows = async (from: number, until: number): Promise<boolean> => {
    try {
      for (let at = from; at < until; at += step) {
        const places = blocksBetween(form, at, Math.min(until, at + step));
        const rows = await session.query(`select from ${source} where ${places} limit 1`);
        if (rows.length > 0) return true;
      }
      return false;
    } catch (thrown) {
      // Something is there, and does not read.
      if (thrown instanceof HoldfastError && isDamageCode(errorCodeOf(thrown))) return true;
      throw thrown;
    }
  };
  if (await holdsRows(block, block + 1)) return null;
  if (await wasVisible(session, table.oid, block, form.blockBytes)) return 'lost';
  return (await holdsRows(block + 1, blocks)) ? 'suspect' : null;
}

async function wasVisible(session: DamagedSession, oid: number, block: number, blockBytes: number): Promise<boolean> {
  const perPage = (blockBytes - pageHeaderBytes) * blocksPerByte;
  const page = Math.floor(block / perPage);
  const at = page * blockBytes + pageHeaderBytes + Math.floor((block % perPage) / blocksPerByte);
  const [row] = await session.query<{ bits: Buffer | null }>(
    `select pg_read_binary_file(pg_relation_filepath($1::oid) || '_vm', $2, 1, true) as bits`,
    [oid, at],
  );
  const bits = row?.bits?.[0] ?? 0;
  return ((bits >> (2 * (block % blocksPerByte))) & 1) === 1;
}

function suspect({ schema, name }: ReadableTable, ranges: string): Finding {
  return {
    severity: 'warning',
    code: 'zero-blocks',
    message: `${schema}.${name}: ${ranges} in the midst of the table hold nothing but zeros, which PostgreSQL takes for empty`,
    hint: 'A table may have grown like that; compare its rows with those of the newest backup.',
  };
}

function notSearched({ schema, name }: ReadableTable, why: string): Finding {
  return {
    severity: 'note',
    code: 'zero-blocks-unknown',
    message: `${schema}.${name} was not searched for blocks of zeros, which read as empty: ${why}`,
    hint: 'Compare its rows with those of the newest backup.',
  };
}
