/** Finds the database that the environment or a `.env` file names: `DATABASE_URL` (or the direct address beside it), else `DB_*`, else `PG*`. */

import type { TargetSpec } from '../engine/engine.ts';
import { findContainer } from './container.ts';
import { directAddress } from './direct-address.ts';
import { configErrors } from './errors.ts';
import { lookUp, lookUpFirst, type EnvSource } from './env-source.ts';
import { targetVia } from './via-prefix.ts';

/**
 * The target this source names; null when it names none. `all` are the sources in their order: as in every reader of
 * `.env` files a single name may come from elsewhere (`DB_PASSWORD` from the environment beside `DB_NAME` in a file).
 */
export async function targetFrom(
  source: EnvSource,
  all: readonly EnvSource[],
  signal: AbortSignal,
): Promise<TargetSpec | null> {
  const environment = libpqVariables(source, all);
  const { baseDir } = source;
  const url = await lookUp(source, 'DATABASE_URL', signal);
  if (url !== null) {
    const { value, origin } = (await directAddress(url, source, signal)) ?? url;
    refuseReferences(value, origin);
    return { url: value.trim(), origin, baseDir, environment };
  }
  const name = await lookUp(source, 'DB_NAME', signal);
  if (name !== null) {
    const get = async (key: string): Promise<string> => (await lookUpFirst(all, key, signal))?.value ?? '';
    const container = await findContainer(all, signal);
    // Inside the container the server's own socket is nearest; PGHOST is about this machine.
    const otherwise = container === null ? (environment['PGHOST'] ?? '') || 'localhost' : '';
    const parts = {
      host: (await get('DB_HOST')) || otherwise,
      port: await get('DB_PORT'),
      user: await get('DB_USER'),
      password: await get('DB_PASSWORD'),
      database: name.value,
    };
    return targetVia({ url: postgresUrl(parts), origin: name.origin, baseDir, environment }, container?.via);
  }
  const database = await lookUp(source, 'PGDATABASE', signal);
  if (database === null) return null;
  const pg = (key: string): string => environment[key] ?? '';
  const parts = { host: pg('PGHOST'), port: pg('PGPORT'), user: pg('PGUSER'), password: pg('PGPASSWORD') };
  return { url: postgresUrl({ ...parts, database: database.value }), origin: database.origin, baseDir, environment };
}

interface AddressParts {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Every part percent-encoded, so that no character of a password can be taken for a separator. */
export function postgresUrl(parts: AddressParts): string {
  const password = parts.password === '' ? '' : `:${encodeURIComponent(parts.password)}`;
  const user = parts.user === '' && password === '' ? '' : `${encodeURIComponent(parts.user)}${password}@`;
  const isIpv6 = parts.host.includes(':') && !parts.host.startsWith('/');
  const host = isIpv6 ? `[${parts.host.replaceAll(/^\[|\]$/g, '')}]` : encodeURIComponent(parts.host);
  const port = parts.port === '' ? '' : `:${parts.port}`;
  return `postgresql://${user}${host}${port}/${encodeURIComponent(parts.database)}`;
}

/** PostgreSQL's own variables: what the address leaves open is filled from them, as psql would do it. */
export function libpqVariables(source: EnvSource, all: readonly EnvSource[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { names } of [...all.filter((other) => other.mayRunCommands), source].reverse()) {
    for (const [name, value] of names) if (/^PG[A-Z_]+$/.test(name) && value !== '') found[name] = value;
  }
  return found;
}

/** Next.js and Prisma expand `${NAME}` in such files; taken as it stands it would name another database. */
function refuseReferences(value: string, origin: string): void {
  const reference = /\$\{([A-Za-z_]\w*)\}/.exec(value);
  if (reference === null) return;
  throw configErrors.make(
    'settings-invalid',
    `${origin} refers to \${${reference[1] ?? ''}}, and references are not expanded`,
    {
      hint: 'Write the address out, or give DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD instead.',
    },
  );
}
