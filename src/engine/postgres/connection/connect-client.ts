/** Makes a connection with the driver: password, encryption and waiting as libpq would. */

import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { HoldfastError } from '../../../domain/error.ts';
import { defaultConnectTimeoutSeconds, type PgAddress } from './address.ts';
import { passwordFromFile } from './password-file.ts';
import { makeReusedBufferSocket } from './reused-buffer.ts';
import { connectError, errorCodeOf } from './server-errors.ts';
import { tlsAttempts, type TlsAttempt } from './tls.ts';

export interface ConnectOptions {
  /** Shown in pg_stat_activity: `holdfast snapshot`. */
  readonly purpose: string;
  readonly signal: AbortSignal;
  /** The size of the one buffer that the connection reads into, where it is not encrypted; absent: one for each read. */
  readonly readBufferBytes?: number;
}

const firstWaitMs = 250;

/**
 * A server that says it is just starting (one that slept, one that was restarted) is asked again for as long as connecting may
 * take. Throws what says why it did not let us in.
 */
export async function connectClient(address: PgAddress, options: ConnectOptions): Promise<pg.Client> {
  let leftMs = connectTimeoutMs(address);
  for (let waitMs = firstWaitMs; ; waitMs *= 2) {
    try {
      return await connectInAnyWay(address, options);
    } catch (thrown) {
      const isStarting = thrown instanceof HoldfastError && thrown.code === 'server-starting';
      if (!isStarting || leftMs <= 0) throw thrown;
      await pause(Math.min(waitMs, leftMs), options.signal);
      leftMs -= waitMs;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}

/** 0: as long as it takes, as libpq has it; of a server that starts that would be for ever. */
function connectTimeoutMs(address: PgAddress): number {
  const seconds = Number(address.options['PGCONNECT_TIMEOUT'] ?? defaultConnectTimeoutSeconds);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/** With and without encryption, as sslmode says. */
async function connectInAnyWay(address: PgAddress, options: ConnectOptions): Promise<pg.Client> {
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

async function connectOnce(address: PgAddress, options: ConnectOptions, tls: TlsAttempt): Promise<pg.Client> {
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
    connectionTimeoutMillis: connectTimeoutMs(address),
    ...(options.readBufferBytes === undefined || tls !== false
      ? {}
      : { stream: () => makeReusedBufferSocket(options.readBufferBytes ?? 0) }),
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

/** libpq goes on to the next attempt when encryption is not offered, or when pg_hba.conf refuses this kind. */
function isRefusedForEncryption(thrown: unknown): boolean {
  const code = errorCodeOf(thrown) ?? '';
  return code === '28000' || /SSL connection/.test(thrown instanceof Error ? thrown.message : '');
}

/** Ends the connection without a word to the server. */
export function destroySocket(client: pg.Client): void {
  const connection: unknown = Reflect.get(client, 'connection');
  if (typeof connection !== 'object' || connection === null) return;
  const stream: unknown = Reflect.get(connection, 'stream');
  if (stream instanceof Socket) stream.destroy();
}
