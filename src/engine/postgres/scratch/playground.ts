/** The demonstration's database: empty, under a name of its own, gone afterwards with everything restores put beside it. */

import type { TargetSpec } from '../../engine.ts';
import type { Playground, PlaygroundConnection } from '../../playground.ts';
import { findServerBinaries } from '../client-tools.ts';
import { describePlace, parsePgUrl, withDatabase, type PgAddress } from '../connection/address.ts';
import { environmentOfParameter } from '../connection/libpq-parameters.ts';
import { openSession } from '../connection/session.ts';
import { postgresErrors } from '../errors.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import { quoteIdentifier } from '../quote.ts';
import { startLocalServer } from './local-server.ts';

/** Of a demonstration at its largest: the database three times, and the server itself. */
const wantedBytes = 1024 * 1024 * 1024;
/** The oldest server that dumps are made of; a newer one is as good. */
const oldestMajor = 13;

/** Without a target on a throwaway server of our own. */
export async function openPlayground(
  target: TargetSpec | null,
  parts: PostgresParts,
  signal: AbortSignal,
): Promise<Playground> {
  await using undo = new AsyncDisposableStack();
  const place = target === null ? await ownServer(parts, undo, signal) : namedServer(target);
  const databaseName = target === null ? 'shop' : `holdfast_demo_${parts.random()}`;
  // Registered first: a database half made is removed as well.
  undo.defer(() => dropDatabases(place.address, databaseName));
  {
    await using session = await openSession(place.address, { purpose: 'demo', signal });
    await session.query(`CREATE DATABASE ${quoteIdentifier(databaseName)} TEMPLATE template0 ENCODING 'UTF8'`);
  }
  const address = withDatabase(place.address, databaseName);
  const kept = undo.move();
  return {
    description: place.description,
    url: addressUrl(address),
    databaseName,
    connect: () => connect(address, signal),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface Place {
  readonly address: PgAddress;
  readonly description: string;
}

async function ownServer(parts: PostgresParts, undo: AsyncDisposableStack, signal: AbortSignal): Promise<Place> {
  const { stateDirectory, environment } = parts;
  const binaries = await findServerBinaries(oldestMajor, environment);
  const server = undo.use(await startLocalServer({ binaries, wantedBytes, stateDirectory, preload: [] }, signal));
  return { address: server.address, description: `a throwaway PostgreSQL ${binaries.version} server` };
}

function namedServer(target: TargetSpec): Place {
  const address = parsePgUrl(target);
  if (address.via !== undefined) {
    throw postgresErrors.make('invalid-target', 'the demonstration works on servers that are reached directly only', {
      hint: 'Leave the address out: it then makes a throwaway server of its own.',
    });
  }
  return { address, description: `the server ${describePlace(address)}` };
}

async function connect(address: PgAddress, signal: AbortSignal): Promise<PlaygroundConnection> {
  const session = await openSession(address, { purpose: 'demo', signal });
  return {
    run: async (sql) => {
      await session.query(sql);
    },
    rows: async (sql) => {
      const rows = await session.query<Record<string, unknown>>(sql);
      return rows.map((row) => Object.values(row).map(String));
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** Also after Ctrl-C: with a signal of its own. Databases that restores keep begin with the name of the replaced one. */
async function dropDatabases(address: PgAddress, name: string): Promise<void> {
  await using session = await openSession(address, { purpose: 'demo', signal: new AbortController().signal });
  const rows = await session.query<{ name: string }>(
    'select datname as name from pg_database where datname = $1 or starts_with(datname, $2)',
    [name, `${name}_`],
  );
  for (const row of rows) await session.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(row.name)} WITH (FORCE)`);
}

/** Every part percent-encoded; libpq's other parameters as its query. */
function addressUrl(address: PgAddress): string {
  const password = address.password === null ? '' : `:${encodeURIComponent(address.password)}`;
  const host = address.host.includes(':') ? `[${address.host}]` : encodeURIComponent(address.host);
  const parameters = environmentOfParameter.flatMap(([parameter, variable]) => {
    const value = address.options[variable];
    return value === undefined ? [] : [`${parameter}=${encodeURIComponent(value)}`];
  });
  if (address.sslmode !== null) parameters.push(`sslmode=${address.sslmode}`);
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  const user = encodeURIComponent(address.user);
  return `postgresql://${user}${password}@${host}:${String(address.port)}/${encodeURIComponent(address.database)}${query}`;
}
