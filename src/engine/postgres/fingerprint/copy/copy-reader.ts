/**
 * Hashes the rows of tables where they are: `COPY … TO STDOUT` read raw by worker threads, each with a connection of its
 * own. The biggest tables go first, so that none is left for the end while the other connections idle.
 */

import type { PgAddress } from '../../connection/address.ts';
import type { HashableTable } from './copy-query.ts';
import { CopyWorker } from './copy-worker.ts';

export type { HashableTable } from './copy-query.ts';

export interface TableHash {
  readonly rows: number;
  /** Sum modulo 2^64 of the rows' hashes. */
  readonly sum: bigint;
}

export interface HashTablesOptions {
  /** An exported snapshot to read in; null lets each connection read in one of its own (nobody may write meanwhile). */
  readonly snapshot: string | null;
  readonly connections: number;
  /** The encoding of the text that is hashed: `UTF8`. */
  readonly encoding: string;
  readonly signal: AbortSignal;
  /** Called after each table. */
  readonly onTable?: (index: number, hash: TableHash) => void;
}

/** In the order of `tables`. */
export async function hashTables(
  address: PgAddress,
  tables: readonly HashableTable[],
  options: HashTablesOptions,
): Promise<readonly TableHash[]> {
  options.signal.throwIfAborted();
  if (tables.length === 0) return [];
  const { snapshot, encoding } = options;
  const count = Math.max(1, Math.min(options.connections, tables.length));
  const workers = Array.from({ length: count }, () => new CopyWorker({ address, snapshot, encoding }));
  const stopAll = (reason: unknown): void => {
    for (const worker of workers) worker.stop(reason instanceof Error ? reason : new Error(String(reason)));
  };
  const onAbort = (): void => {
    stopAll(options.signal.reason);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await shareOut(workers, tables, options);
  } catch (thrown) {
    stopAll(thrown);
    options.signal.throwIfAborted();
    throw thrown;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

async function shareOut(
  workers: readonly CopyWorker[],
  tables: readonly HashableTable[],
  options: HashTablesOptions,
): Promise<readonly TableHash[]> {
  const bytes = (await workers[0]?.measure(tables)) ?? [];
  const queue = [...tables.entries()].sort(([a], [b]) => (bytes[b] ?? 0) - (bytes[a] ?? 0));
  const hashes = new Map<number, TableHash>();
  await Promise.all(
    workers.map(async (worker) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, table] = next;
        const hash = await worker.hash(index, table);
        hashes.set(index, hash);
        options.onTable?.(index, hash);
      }
    }),
  );
  return tables.map((table, index) => {
    const hash = hashes.get(index);
    if (hash === undefined) throw new Error(`${table.schema}.${table.table} was not hashed`);
    return hash;
  });
}
