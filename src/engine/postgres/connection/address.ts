/**
 * Where a PostgreSQL database is and how to log in: read from a URL or from `key=value` pairs, completed from
 * PostgreSQL's environment variables as libpq does it, and handed to the tools by environment only, never by argument.
 */

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { plainEnvironment } from '../../../system/child-process.ts';
import type { TargetSpec } from '../../engine.ts';
import { postgresErrors } from '../errors.ts';
import { leadThere, valuesForThere } from '../via/lead-there.ts';
import { describePrefix, type Via } from '../via/via.ts';
import { parseConnectionString } from './connection-uri.ts';
import { environmentOfParameter } from './libpq-parameters.ts';

export interface PgAddress {
  /** A name, an IP address without brackets, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null: libpq's own ways (password file, trust, peer). */
  readonly password: string | null;
  readonly database: string;
  readonly sslmode: string | null;
  /** Other libpq parameters, as its environment variables: `PGSSLROOTCERT`, `PGOPTIONS`, … */
  readonly options: Readonly<Record<string, string>>;
  /** For a server that answers only elsewhere: host and port are a relay's, or lead nowhere while there is none. */
  readonly via?: Via;
}

/** An address with what its text says beyond it. */
export interface ReadAddress {
  readonly address: PgAddress;
  /** Hosts named after the first; only the first is used. */
  readonly furtherHosts: readonly string[];
  /** The text itself says that a pooler answers there (`pgbouncer=true`). */
  readonly saysPooler: boolean;
}

export const defaultConnectTimeoutSeconds = 15;
const sslModes = new Set(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']);

/** The address a target names. */
export function parsePgUrl(spec: TargetSpec): PgAddress {
  return readAddress(spec).address;
}

export function readAddress(spec: TargetSpec): ReadAddress {
  if (spec.via === undefined) return readGiven(spec, defaultHost);
  const there = readGiven({ ...spec, environment: valuesForThere(spec.environment) }, () => '');
  return { ...there, address: leadThere(there.address, spec.via) };
}

/** `otherwise` says the host of an address that names none. */
function readGiven(spec: TargetSpec, otherwise: (port: number) => string): ReadAddress {
  const given = parseConnectionString(spec.url);
  refuseUnusable(given);
  const pick = (key: string, variable: string): string | null => {
    const value = given.get(key) ?? '';
    if (value !== '') return value;
    const fallback = spec.environment[variable] ?? '';
    return fallback === '' ? null : fallback;
  };
  const [host = '', ...furtherHosts] = (pick('host', 'PGHOST') ?? pick('hostaddr', 'PGHOSTADDR') ?? '').split(',');
  const port = parsePort((pick('port', 'PGPORT') ?? '').split(',')[0] ?? '');
  const user = pick('user', 'PGUSER') ?? userInfo().username;
  return {
    address: {
      host: host === '' ? otherwise(port) : host,
      port,
      user,
      password: pick('password', 'PGPASSWORD'),
      database: pick('dbname', 'PGDATABASE') ?? user,
      sslmode: parseSslMode(pick('sslmode', 'PGSSLMODE')),
      options: libpqOptions(given, spec),
    },
    furtherHosts,
    saysPooler: given.get('pgbouncer') === 'true',
  };
}

/** The same server and user, another database. */
export function withDatabase(address: PgAddress, database: string): PgAddress {
  return { ...address, database };
}

/** The whole environment of a PostgreSQL tool on this machine that is to work on this address. */
export function libpqEnvironment(
  address: PgAddress,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return plainEnvironment(libpqVariables(address, overrides));
}

/** What an address says to a PostgreSQL tool. Messages come in English, so that they can be understood here. */
export function libpqVariables(
  address: PgAddress,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    LC_ALL: 'C',
    PGCONNECT_TIMEOUT: String(defaultConnectTimeoutSeconds),
    PGAPPNAME: 'holdfast',
    ...address.options,
    PGHOST: address.host,
    PGPORT: String(address.port),
    PGUSER: address.user,
    PGDATABASE: address.database,
    ...(address.password === null ? {} : { PGPASSWORD: address.password }),
    ...(address.sslmode === null ? {} : { PGSSLMODE: address.sslmode }),
    ...overrides,
  };
}

/**
 * For people, without password: `postgres://app@db.example.com:5432/app`, `postgres://app@/app (socket /tmp)`,
 * `docker exec chain-postgres: postgres://app@/app`.
 */
export function describeAddress(address: PgAddress): string {
  const { via } = address;
  if (via !== undefined)
    return `${describePrefix(via.prefix)}: ${describeUrl({ ...address, host: via.host ?? '', port: via.port })}`;
  return describeUrl(address);
}

function describeUrl(address: PgAddress): string {
  const user = encodeURIComponent(address.user);
  const database = encodeURIComponent(address.database);
  const port = address.port === 5432 ? '' : `:${String(address.port)}`;
  if (address.host === '') return `postgres://${user}@${port}/${database}`;
  if (isSocketDirectory(address.host)) return `postgres://${user}@${port}/${database} (socket ${address.host})`;
  return `postgres://${user}@${hostAndPort(address)}/${database}`;
}

/** `db.example.com:5432`, `[::1]:5432`, the socket's directory with the port, `docker exec chain-postgres: localhost:5432`. */
export function describePlace(address: PgAddress): string {
  const { via } = address;
  if (via === undefined) return hostAndPort(address);
  return `${describePrefix(via.prefix)}: ${hostAndPort({ host: via.host ?? 'localhost', port: via.port })}`;
}

/** The server's own host and port; behind a relay they are as seen from where it is. */
export function serverPlace({ host, port, via }: PgAddress): { readonly host: string; readonly port: number } {
  return via === undefined ? { host, port } : { host: via.host ?? 'localhost', port: via.port };
}

function hostAndPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** As far as its name says: reached by a socket or a loopback address. */
export function isOnThisMachine(host: string): boolean {
  return isSocketDirectory(host) || ['localhost', '127.0.0.1', '::1'].includes(host);
}

/** A host that starts with `/` (or `@`, Linux's abstract sockets) is the directory of a Unix socket. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/') || host.startsWith('@');
}

function libpqOptions(given: ReadonlyMap<string, string>, spec: TargetSpec): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [parameter, variable] of environmentOfParameter) {
    const value = given.get(parameter) ?? spec.environment[variable] ?? '';
    if (value !== '') options[variable] = fileParameters.has(parameter) ? besideTarget(value, spec.baseDir) : value;
  }
  return options;
}

const fileParameters = new Set(['sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'sslcrldir', 'passfile']);

/** libpq starts relative paths at the working directory; a file beside the one that names it is meant more often. */
function besideTarget(path: string, baseDir: string): string {
  if (isAbsolute(path)) return path;
  const beside = join(baseDir, path);
  return existsSync(beside) ? beside : path;
}

function refuseUnusable(given: ReadonlyMap<string, string>): void {
  if ((given.get('sslpassword') ?? '') !== '') {
    throw postgresErrors.make('invalid-target', 'sslpassword cannot be handed to pg_dump without showing it', {
      hint: 'Use a client key without a passphrase, readable by this user only.',
    });
  }
  if ((given.get('service') ?? '') !== '') {
    throw postgresErrors.make('invalid-target', 'connection services (pg_service.conf) are not supported', {
      hint: 'Write host, port, user and database into the address.',
    });
  }
}

function parseSslMode(text: string | null): string | null {
  if (text === null || sslModes.has(text)) return text;
  throw postgresErrors.make('invalid-target', `sslmode ${JSON.stringify(text)} is unknown`, {
    hint: `Use one of ${[...sslModes].join(', ')}.`,
  });
}

function parsePort(text: string): number {
  const port = Number(text === '' ? '5432' : text);
  if (/^\d*$/.test(text) && port > 0 && port < 65_536) return port;
  throw postgresErrors.make('invalid-target', `port ${JSON.stringify(text)} is not a number from 1 to 65535`);
}

/** libpq's default is its build's socket directory: `/var/run/postgresql` on Debian and Red Hat, else `/tmp`. */
function defaultHost(port: number): string {
  const directories = ['/var/run/postgresql', '/tmp'];
  const serving = directories.find((directory) => existsSync(`${directory}/.s.PGSQL.${String(port)}`));
  return serving ?? 'localhost';
}
