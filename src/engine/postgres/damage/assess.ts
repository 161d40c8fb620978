/** `doctor --damage`: every table read to its end, every index checked, and nothing changed. */

import { countOf } from '../../../domain/amounts.ts';
import type { Clock } from '../../../domain/clock.ts';
import {
  readsWhole,
  type DamageReport,
  type IndexReading,
  type ReadFailure,
  type TableReading,
} from '../../../domain/damage.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { PgAddress } from '../connection/address.ts';
import { checkHeap, checkIndex, findAmcheck } from './check-indexes.ts';
import type { DamagedSession } from './damaged-session.ts';
import type { ListedIndex } from './list-tables.ts';
import { openListing, type Listing } from './open-listing.ts';
import { readTable, type ReadableTable } from './read-table.ts';
import { checkLargeObjects } from './salvage-large-objects.ts';
import { readSequence } from './read-sequence.ts';
import { findZeroBlocks, noZeroBlocks } from './zero-blocks.ts';

const heapCheckMajor = 14;

interface ReadTables {
  readonly tables: readonly TableReading[];
  readonly failures: readonly ReadFailure[];
  readonly findings: readonly Finding[];
  readonly readBytes: number;
  /** By the table's number: in which snapshot it was read, and its rows. */
  readonly known: ReadonlyMap<number, { readonly snapshot: number; readonly reading: TableReading }>;
}

export async function assessDamage(address: PgAddress, clock: Clock, work: Work): Promise<DamageReport> {
  work.report({ kind: 'step', text: `looking what there is in ${address.database}` });
  await using listing = await openListing(address, clock, work);
  const { session, listed, form } = listing;
  const amcheck = await findAmcheckOrNone(session);
  const begunMs = clock.monotonicMs();
  const read = await readTables(listing, form.major >= heapCheckMajor ? amcheck.schema : null, work);
  work.report({ kind: 'step', text: 'reading large objects and sequences' });
  const others = [...(await checkLargeObjects(session)), ...(await checkSequences(listing))];
  const readMs = clock.monotonicMs() - begunMs;
  const indexes: IndexReading[] = [];
  for (const index of listed.indexes) {
    work.report({ kind: 'step', text: `checking the index ${index.schema}.${index.name}` });
    indexes.push(await surviving(listing, index, amcheck.schema, read.known));
  }
  return {
    tables: read.tables,
    indexes,
    failures: [...listed.failures, ...read.failures, ...others, ...rowsMissing(indexes)],
    findings: [...listing.findings, ...amcheck.findings, ...read.findings, ...snapshotFindings(session)],
    readBytes: read.readBytes,
    readMs,
  };
}

/** Said of what was read in more than one snapshot. */
export function snapshotFindings({ snapshots }: DamagedSession): readonly Finding[] {
  if (snapshots === 1) return [];
  return [
    {
      severity: 'warning',
      code: 'several-snapshots',
      message: `the server broke the connection ${String(snapshots - 1)} times: what was read comes from ${String(snapshots)} moments`,
      hint: 'Stop the application, so that nobody changes tables between them.',
    },
  ];
}

/** A table's reading with the blocks of zeros that nobody else complains about. */
export async function withZeroBlocks(
  { session, form }: Listing,
  table: ReadableTable,
  reading: TableReading,
): Promise<{ readonly reading: TableReading; readonly findings: readonly Finding[] }> {
  const zeros = form.mayReadFiles ? await findZeroBlocks(session, table, form) : noZeroBlocks;
  return {
    reading: {
      ...reading,
      lost: [...reading.lost, ...zeros.lost],
      moreLost: reading.moreLost + zeros.moreLost,
    },
    findings: [...zeros.findings, ...shortFindings(table)],
  };
}

/** Rows that an index knows and its table does not give are lost there: making the index anew would hide it. */
function rowsMissing(indexes: readonly IndexReading[]): readonly ReadFailure[] {
  return indexes.flatMap(({ schema, table, index, error, leadsBeyond }) =>
    leadsBeyond === true
      ? [
          {
            what: `table ${schema}.${table}`,
            error: `rows that its index ${index} leads to are not there: ${error ?? ''}`,
          },
        ]
      : [],
  );
}

/** Only VACUUM makes a table shorter, and notes how long it is then: an end that is cut off reads without an error. */
function shortFindings({ schema, name, blocks, blocksBefore }: ReadableTable): readonly Finding[] {
  if (blocks === null || blocks >= blocksBefore) return [];
  return [
    {
      severity: 'warning',
      code: 'table-shorter',
      message: `${schema}.${name} has ${countOf(blocks, 'block')}, and had ${String(blocksBefore)} when it was last looked at (VACUUM, ANALYZE): its end may be cut off`,
      hint: 'Compare its rows with those of the newest backup.',
    },
  ];
}

async function readTables(listing: Listing, amcheck: string | null, work: Work): Promise<ReadTables> {
  const { session, listed, form } = listing;
  const tables: TableReading[] = [];
  const failures: ReadFailure[] = [];
  const findings: Finding[] = [];
  const known = new Map<number, { snapshot: number; reading: TableReading }>();
  const totalBytes = listed.tables.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  let readBytes = 0;
  for (const table of listed.tables) {
    work.report({ kind: 'step', text: `reading ${table.schema}.${table.name}` });
    const rows = readTable(session, table, form);
    let next = await rows.next();
    while (next.done !== true) {
      readBytes += next.value.length;
      work.report({ kind: 'bytes', doneBytes: readBytes, totalBytes: Math.max(totalBytes, readBytes) });
      next = await rows.next();
    }
    const whole = await withZeroBlocks(listing, table, next.value);
    tables.push(whole.reading);
    findings.push(...whole.findings);
    known.set(table.oid, { snapshot: session.snapshots, reading: whole.reading });
    if (amcheck !== null && readsWhole(whole.reading)) failures.push(...(await checkHeap(session, table, amcheck)));
  }
  return { tables, failures, findings, readBytes, known };
}

async function checkSequences({ session, listed }: Listing): Promise<readonly ReadFailure[]> {
  const failures: ReadFailure[] = [];
  for (const sequence of listed.sequences) {
    const read = await readSequence(session, sequence);
    if ('error' in read) failures.push(read);
  }
  return failures;
}

async function findAmcheckOrNone(session: DamagedSession): ReturnType<typeof findAmcheck> {
  try {
    return await findAmcheck(session);
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    return { schema: null, findings: [] };
  }
}

/** A check that makes the server break the connection is damage, and not the end of the others. */
async function surviving(
  { session, form }: Listing,
  index: ListedIndex,
  amcheck: string | null,
  known: ReadTables['known'],
): Promise<IndexReading> {
  const table = known.get(index.tableOid);
  const isWhole = table !== undefined && readsWhole(table.reading) && table.snapshot === session.snapshots;
  const rows = isWhole ? table.reading.rows : null;
  try {
    return await checkIndex(session, index, { amcheck, rows, explain: form.explain });
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code !== 'server-gone') throw thrown;
    const error = `checking it made the server break the connection: ${thrown.message}`;
    await session.recover(`${index.schema}.${index.name}: ${error}`);
    const { schema, name, table: of } = index;
    return { schema, table: of, index: name, state: 'damaged', method: 'read', error };
  }
}
