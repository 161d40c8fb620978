/** A thread with a connection of its own that hashes one table after the other; copy-reader.ts starts and ends it. */

import { parentPort, workerData } from 'node:worker_threads';
import { openSession, type Session } from '../../connection/session.ts';
import { quoteLiteral } from '../../quote.ts';
import type { CopyReply, CopyRequest, CopyWorkerData } from './copy-messages.ts';
import { copyOut } from './copy-out.ts';
import { copyQuery, type HashableTable } from './copy-query.ts';
import { relkindOf } from './hash-in-session.ts';
import { createHashMemory, loadRowHasher } from '../row-hash/row-hasher.ts';
import { packError } from '../sent-error.ts';

const inputBytes = 256 * 1024;

const port = parentPort;
if (port === null) throw new Error('copy.worker.ts runs as a worker thread only');
const { address, snapshot, encoding } = workerData as CopyWorkerData;
const stopping = new AbortController();
const memory = createHashMemory(inputBytes);
const memoryBytes = new Uint8Array(memory.buffer);
const hasher = loadRowHasher(memory, true);
let session: Promise<Session> | null = null;

const reply = (message: CopyReply): void => {
  port.postMessage(message);
};

async function openInSnapshot(): Promise<Session> {
  const opened = await openSession(address, {
    purpose: 'compare',
    signal: stopping.signal,
    readBufferBytes: inputBytes,
  });
  try {
    await opened.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    if (snapshot !== null) {
      await opened.query(`SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}`);
      // Whoever waits for an exclusive lock waits for the snapshot's session, and we would wait behind: no deadlock to PostgreSQL.
      await opened.query("SET LOCAL lock_timeout = '60s'");
    }
    return opened;
  } catch (thrown) {
    await opened[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function measure(connected: Session, tables: readonly HashableTable[]): Promise<readonly number[]> {
  const rows = await connected.query<{ bytes: string | null }>(
    `select pg_table_size(c.oid)::text as bytes
       from unnest($1::text[], $2::text[]) with ordinality as t(schema, name, at)
       left join pg_namespace n on n.nspname = t.schema
       left join pg_class c on c.relnamespace = n.oid and c.relname = t.name
      order by t.at`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return rows.map(({ bytes }) => Number(bytes ?? 0));
}

async function answer(request: CopyRequest): Promise<void> {
  if (request.kind === 'close') {
    try {
      // Why it could not be opened was told to whoever asked for it.
      const opened = await session?.catch(() => null);
      await opened?.[Symbol.asyncDispose]();
    } finally {
      port?.close();
    }
    return;
  }
  if (request.kind === 'stop') {
    stopping.abort(new Error(request.reason));
    return;
  }
  const connected = await (session ??= openInSnapshot());
  if (request.kind === 'measure') {
    reply({ kind: 'measured', bytes: await measure(connected, request.tables) });
    return;
  }
  const relkind = await relkindOf(connected, request.table);
  const sql = copyQuery(request.table, relkind, encoding);
  const { count, sum } = await copyOut(connected, sql, hasher, memoryBytes, stopping.signal);
  reply({ kind: 'hashed', index: request.index, rows: count, sum });
}

port.on('message', (request: CopyRequest) => {
  answer(request).catch((thrown: unknown) => {
    reply({ kind: 'failed', error: packError(thrown) });
  });
});
