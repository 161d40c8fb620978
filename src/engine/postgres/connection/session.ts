/**
 * One connection for our own statements. Every setting that changes how values are written, how long a statement may
 * take or whether row-level security silently hides rows is pinned; nothing of the role's or database's defaults matters.
 */

import pg from 'pg';
import { cancelStatement } from './cancel.ts';
import { defaultConnectTimeoutSeconds, type PgAddress } from './address.ts';
import { passwordFromFile } from './password-file.ts';
import { connectError, connectionLost, errorCodeOf, queryError } from './server-errors.ts';
import { tlsAttempts, type TlsAttempt } from './tls.ts';

export interface Session extends AsyncDisposable {
  readonly address: PgAddress;
  readonly client: pg.Client;
  /** Aborted, with the error as its reason, when the connection ends before it was disposed. */
  readonly lost: AbortSignal;
  /** Throws `query-failed` (its cause has the SQLSTATE, see `errorCodeOf`) or `server-gone`. */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface SessionOptions {
  /** Shown in pg_stat_activity: `holdfast snapshot`. */
  readonly purpose: string;
  /** When it aborts, the running statement is cancelled on the server and the connection closed. */
  readonly signal: AbortSignal;
}

const settings: readonly (readonly [name: string, value: string])[] = [
  ['client_encoding', 'UTF8'],
  ['datestyle', 'ISO, MDY'],
  ['intervalstyle', 'postgres'],
  ['extra_float_digits', '3'],
  ['bytea_output', 'hex'],
  ['timezone', 'UTC'],
  ['xmloption', 'content'],
  ['search_path', 'pg_catalog'],
  ['row_security', 'off'],
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
  const client = await connect(address, options);
  const session = follow(client, address, options.signal);
  try {
    // A setting that this server does not know yet is left out.
    await session.query(
      `select set_config(s.name, s.value, false)
         from unnest($1::text[], $2::text[]) as s(name, value)
         join pg_catalog.pg_settings p on lower(p.name) = s.name`,
      [settings.map(([name]) => name), settings.map(([, value]) => value)],
    );
    return session;
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function connect(address: PgAddress, options: SessionOptions): Promise<pg.Client> {
  const attempts = await tlsAttempts(address);
  for (const [index, tls] of attempts.entries()) {
    try {
      return await connectOnce(address, options, tls);
    } catch (thrown) {
      options.signal.throwIfAborted();
      const isLast = index === attempts.length - 1;
      if (isLast || !isRefusedForEncryption(thrown)) throw connectError(thrown, address);
    }
  }
  throw new TypeError('no way to connect was tried');
}

async function connectOnce(address: PgAddress, options: SessionOptions, tls: TlsAttempt): Promise<pg.Client> {
  const seconds = Number(address.options['PGCONNECT_TIMEOUT'] ?? defaultConnectTimeoutSeconds);
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    // As a function, so that the driver looks for no password of its own.
    password: async () => address.password ?? (await passwordFromFile(address)) ?? '',
    ssl: tls,
    sslnegotiation: address.options['PGSSLNEGOTIATION'] === 'direct' && tls !== false ? 'direct' : 'postgres',
    enableChannelBinding: tls !== false && address.options['PGCHANNELBINDING'] !== 'disable',
    application_name: `holdfast ${options.purpose}`,
    keepAlive: true,
    connectionTimeoutMillis: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0,
    ...(address.options['PGOPTIONS'] === undefined ? {} : { options: address.options['PGOPTIONS'] }),
  });
  // Errors of a connection that is being made reach us through connect(); what follows it must not end the process.
  client.on('error', () => undefined);
  const stop = (): void => {
    destroySocket(client);
  };
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    return client;
  } catch (thrown) {
    destroySocket(client);
    throw thrown;
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
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

/** libpq goes on to the next attempt when encryption is not offered, or when pg_hba.conf refuses this kind. */
function isRefusedForEncryption(thrown: unknown): boolean {
  const code = errorCodeOf(thrown) ?? '';
  return code === '28000' || /SSL connection/.test(thrown instanceof Error ? thrown.message : '');
}

function cancelBackend(client: pg.Client, address: PgAddress): Promise<void> {
  const processId: unknown = Reflect.get(client, 'processID');
  const secretKey: unknown = Reflect.get(client, 'secretKey');
  if (typeof processId !== 'number' || typeof secretKey !== 'number') return Promise.resolve();
  return cancelStatement(address, processId, secretKey);
}

function destroySocket(client: pg.Client): void {
  const stream: unknown = Reflect.get(Reflect.get(client, 'connection') as object, 'stream');
  if (typeof stream === 'object' && stream !== null && 'destroy' in stream && typeof stream.destroy === 'function') {
    stream.destroy();
  }
}
