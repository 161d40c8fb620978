/**
 * One connection for our own statements. Every setting that changes how values are written, how long a statement may
 * take or whether row-level security silently hides rows is pinned; nothing of the role's or database's defaults matters.
 */

import type pg from 'pg';
import type { PgAddress } from './address.ts';
import { cancelStatement } from './cancel.ts';
import { connectClient, destroySocket, type ConnectOptions } from './connect-client.ts';
import { connectionLost, queryError } from './server-errors.ts';

export interface Session extends AsyncDisposable {
  readonly address: PgAddress;
  readonly client: pg.Client;
  /** Aborted, with the error as its reason, when the connection ends before it was disposed. */
  readonly lost: AbortSignal;
  /** Throws `query-failed` (its cause has the SQLSTATE, see `errorCodeOf`) or `server-gone`. */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** When `signal` aborts, the running statement is cancelled on the server and the connection closed. */
export type SessionOptions = ConnectOptions;

const settings: readonly (readonly [name: string, value: string])[] = [
  ['client_encoding', 'UTF8'],
  ['datestyle', 'ISO, MDY'],
  ['intervalstyle', 'postgres'],
  ['extra_float_digits', '3'],
  ['bytea_output', 'hex'],
  ['timezone', 'UTC'],
  ['xmloption', 'content'],
  ['array_nulls', 'on'],
  ['search_path', 'pg_catalog'],
  ['row_security', 'off'],
  ['quote_all_identifiers', 'off'],
  ['standard_conforming_strings', 'on'],
  ['client_min_messages', 'warning'],
  ['statement_timeout', '0'],
  ['lock_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['idle_session_timeout', '0'],
  ['transaction_timeout', '0'],
];

const goodbyePatienceMs = 2000;

export async function openSession(address: PgAddress, options: SessionOptions): Promise<Session> {
  options.signal.throwIfAborted();
  const client = await connectClient(address, options);
  const session = follow(client, address, options.signal);
  try {
    await pinSettings(session);
    return session;
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Again what it was when it was opened, after statements of others ran in it. */
export async function pinSettings(session: Session): Promise<void> {
  // A setting that this server does not know yet is left out.
  await session.query(
    `select set_config(s.name, s.value, false)
       from unnest($1::text[], $2::text[]) as s(name, value)
       join pg_catalog.pg_settings p on lower(p.name) = s.name`,
    [settings.map(([name]) => name), settings.map(([, value]) => value)],
  );
}

function follow(client: pg.Client, address: PgAddress, signal: AbortSignal): Session {
  const lost = new AbortController();
  let isClosing = false;
  const onEnd = (cause: unknown): void => {
    if (!isClosing && !lost.signal.aborted) lost.abort(connectionLost(cause, address));
  };
  client.on('error', onEnd);
  client.on('end', () => {
    onEnd(new Error('the server closed it'));
  });
  let cancelled: Promise<void> = Promise.resolve();
  let running = 0;
  const onAbort = (): void => {
    isClosing = true;
    cancelled = cancelBackend(client, address).finally(() => {
      destroySocket(client);
    });
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    address,
    client,
    lost: lost.signal,
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
      signal.throwIfAborted();
      running += 1;
      try {
        const result = await client.query<Row & pg.QueryResultRow>(sql, values.length === 0 ? undefined : [...values]);
        return result.rows;
      } catch (thrown) {
        signal.throwIfAborted();
        throw lost.signal.aborted ? lost.signal.reason : queryError(thrown, address);
      } finally {
        running -= 1;
      }
    },
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      signal.removeEventListener('abort', onAbort);
      await cancelled;
      // A backend notices that nobody listens only when it has something to say.
      if (running > 0) await cancelBackend(client, address);
      // The server may not be there any more to take its leave.
      const patience = setTimeout(() => {
        destroySocket(client);
      }, goodbyePatienceMs);
      await client.end().catch(() => undefined);
      clearTimeout(patience);
    },
  };
}

function cancelBackend(client: pg.Client, address: PgAddress): Promise<void> {
  const processId: unknown = Reflect.get(client, 'processID');
  const secretKey: unknown = Reflect.get(client, 'secretKey');
  if (typeof processId !== 'number' || typeof secretKey !== 'number') return Promise.resolve();
  return cancelStatement(address, processId, secretKey);
}
