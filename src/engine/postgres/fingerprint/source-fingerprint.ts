/**
 * The fingerprint of what went into a backup. Rows come from the dump stream; SQL counts them in the same snapshot, and the two must
 * agree, or the backup is given up. `independent` also reads and hashes every table a second time in that snapshot.
 */

import type { Fingerprint, LargeObjectsFingerprint, TableFingerprint } from '../../../domain/fingerprint.ts';
import type { Scope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { ArchiveScan } from '../archive/archive-scan.ts';
import type { ArchiveScanner } from '../archive/archive-scanner.ts';
import { sequenceValues } from '../archive/sequence-values.ts';
import type { ArchiveToc } from '../archive/toc.ts';
import type { Session } from '../connection/session.ts';
import type { ServerFacts } from '../server-facts.ts';
import { hashTables } from './copy/copy-reader.ts';
import { countTables } from './count-tables.ts';
import { dumpedTables, type ConfigTable, type DumpedTable } from './dumped-tables.ts';
import { fingerprintErrors } from './errors.ts';
import { readObjects } from './inventory.ts';
import { isNoMember, isUserSchema } from './inventory/inventory-query.ts';
import { countLargeObjects, hashLargeObjects } from './large-objects.ts';

export interface SourceFingerprintRequest {
  readonly mode: Fingerprint['mode'];
  readonly scope: Scope;
  /** The exported snapshot that is dumped, and the session that holds it: nobody else uses it meanwhile. */
  readonly snapshot: { readonly id: string; readonly session: Session };
  readonly facts: Pick<ServerFacts, 'major'>;
  /** Gets the archive as it passes, rows hashed unless the mode is `counts`. Counting begins when it knows the head. */
  readonly scanner: Pick<ArchiveScanner, 'toc' | 'finish'>;
  /** Resolves when the scanner got the last byte. */
  readonly streamed: Promise<unknown>;
  readonly work: Work;
}

const independentConnections = 2;

/** Throws `fingerprint-mismatch`. Objects are listed for whole backups only: of others nothing says what must be there. */
export async function buildSourceFingerprint(request: SourceFingerprintRequest): Promise<Fingerprint> {
  const { mode, scope, snapshot } = request;
  const isWhole = scope.kind === 'whole';
  // It may fail while we are at something else, and is awaited below.
  request.streamed.catch(() => undefined);
  const toc = await request.scanner.toc;
  const { session } = snapshot;
  const tables = dumpedTables(toc, await readConfigTables(session));
  if (isWhole) await demandEveryTable(session, tables);
  const counts = await countTables(session, tables);
  const objects = isWhole ? await readObjects(session, request.facts.major) : [];
  const second = mode === 'independent' ? await hashAgain(request, toc, tables) : null;
  const witness = isWhole ? await witnessLargeObjects(request) : null;
  await request.streamed;
  const scan = await request.scanner.finish();
  const holdsLargeObjects = isWhole || toc.entries.some((entry) => entry.desc === 'BLOBS');
  return {
    version: 1,
    engine: 'postgres',
    mode,
    encoding: toc.encoding,
    tables: tableFingerprints(tables, counts, scan, mode, second),
    largeObjects: holdsLargeObjects ? largeObjectsOf(scan, mode, witness) : null,
    sequences: sequenceValues(toc.entries),
    objects,
  };
}

/** What the snapshot itself says of its large objects; a partial dump may hold fewer. */
interface LargeObjectsWitness {
  readonly count: number;
  /** Null when they were only counted. */
  readonly sum: bigint | null;
}

async function witnessLargeObjects({ mode, snapshot, work }: SourceFingerprintRequest): Promise<LargeObjectsWitness> {
  if (mode === 'independent') return hashLargeObjects(snapshot.session, work.signal);
  return { count: await countLargeObjects(snapshot.session), sum: null };
}

function tableFingerprints(
  tables: readonly DumpedTable[],
  counts: readonly number[],
  scan: ArchiveScan,
  mode: Fingerprint['mode'],
  second: ReadonlyMap<number, bigint> | null,
): readonly TableFingerprint[] {
  const scanned = new Map(scan.tables.map((table) => [table.dumpId, table]));
  return tables.map(({ dumpId, ...table }, index) => {
    const rows = counts[index] ?? 0;
    if (table.kind === 'materialized-view') return { ...table, rows, sum: null };
    const name = `${table.schema}.${table.table}`;
    const passed = scanned.get(dumpId);
    demandEqual(name, rows, passed?.rows ?? -1);
    if (passed === undefined || mode === 'counts') return { ...table, rows, sum: null };
    if (second !== null && second.get(dumpId) !== passed.sum) throw differs(name);
    return { ...table, rows, sum: formatSum(passed.sum) };
  });
}

function largeObjectsOf(
  scan: ArchiveScan,
  mode: Fingerprint['mode'],
  witness: LargeObjectsWitness | null,
): LargeObjectsFingerprint {
  const { count, bytes, sum } = scan.largeObjects;
  if (witness !== null) {
    demandEqual('large objects', witness.count, count);
    if (witness.sum !== null && witness.sum !== sum) throw differs('large objects');
  }
  return { count, bytes, sum: mode === 'counts' ? null : formatSum(sum) };
}

/** Sixteen hexadecimal digits. */
export function formatSum(sum: bigint): string {
  return sum.toString(16).padStart(16, '0');
}

async function hashAgain(
  { snapshot, work }: SourceFingerprintRequest,
  toc: ArchiveToc,
  tables: readonly DumpedTable[],
): Promise<ReadonlyMap<number, bigint>> {
  const readable = tables.filter((table) => table.kind !== 'materialized-view');
  const hashes = await hashTables(snapshot.session.address, readable, {
    snapshot: snapshot.id,
    connections: independentConnections,
    encoding: toc.encoding,
    signal: work.signal,
  });
  return new Map(readable.map((table, index) => [table.dumpId, hashes[index]?.sum ?? 0n]));
}

async function readConfigTables(session: Session): Promise<readonly ConfigTable[]> {
  return session.query<ConfigTable>(
    `select n.nspname as schema, c.relname as table, coalesce(e.extcondition[k.at], '') as condition
       from pg_extension e cross join unnest(e.extconfig) with ordinality as k(oid, at)
       join pg_class c on c.oid = k.oid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r'`,
  );
}

/** A table that the dump passed over (row-level security, a race, a bug) must not be passed over here too. */
async function demandEveryTable(session: Session, tables: readonly DumpedTable[]): Promise<void> {
  const dumped = new Set(tables.map(({ schema, table }) => JSON.stringify([schema, table])));
  const present = await session.query<{ schema: string; table: string }>(
    `select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relpersistence <> 't' and (c.relpersistence <> 'u' or not pg_is_in_recovery())
        and ${isUserSchema('n')} and ${isNoMember('pg_class', 'c.oid')}`,
  );
  const missing = present.find(({ schema, table }) => !dumped.has(JSON.stringify([schema, table])));
  if (missing !== undefined) {
    throw fingerprintErrors.make(
      'fingerprint-mismatch',
      `the dump leaves out the table ${missing.schema}.${missing.table}`,
    );
  }
}

function demandEqual(name: string, counted: number, passed: number): void {
  if (counted === passed) return;
  const came = passed < 0 ? 'none' : String(passed);
  throw fingerprintErrors.make(
    'fingerprint-mismatch',
    `${name}: ${counted} counted in the snapshot, ${came} in the dump of it`,
  );
}

function differs(name: string): Error {
  return fingerprintErrors.make('fingerprint-mismatch', `${name}: read twice in one snapshot, with different content`);
}
