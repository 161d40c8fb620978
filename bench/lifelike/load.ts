/** Makes the demo's lifelike shop at any size: `node bench/lifelike/load.ts --url URL --size 3GB`. */

import { parseArgs } from 'node:util';
import { bytesAtScale1 } from '../../src/cli/demo/lifelike.ts';
import { loadLifelike as loadInto } from '../../src/cli/demo/load-lifelike.ts';
import { parseBytes } from '../../src/config/quantity.ts';
import { parsePgUrl, withDatabase } from '../../src/engine/postgres/connection/address.ts';
import { openSession } from '../../src/engine/postgres/connection/session.ts';
import { quoteIdentifier } from '../../src/engine/postgres/quote.ts';
import type { PlaygroundConnection } from '../../src/engine/playground.ts';

export interface LifelikeRequest {
  /** Of the database, which is created. */
  readonly url: string;
  /** On the server's disk, about: `3GB`. */
  readonly size: string;
}

export async function loadLifelike({ url, size }: LifelikeRequest): Promise<void> {
  const { signal } = new AbortController();
  const address = parsePgUrl({ url, origin: 'bench', baseDir: process.cwd(), environment: {} });
  {
    await using server = await openSession(withDatabase(address, 'postgres'), { purpose: 'bench', signal });
    await server.query(`CREATE DATABASE ${quoteIdentifier(address.database)} TEMPLATE template0`);
  }
  const connect = async (): Promise<PlaygroundConnection> => {
    const session = await openSession(address, { purpose: 'bench', signal });
    await session.query('SET search_path = public, pg_catalog');
    return {
      run: async (sql) => {
        await session.query(sql);
      },
      rows: async (sql) =>
        (await session.query<Record<string, unknown>>(sql)).map((row) => Object.values(row).map(String)),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  };
  const bytes = parseBytes(size);
  if (bytes === null) throw new Error(`not a size: ${size}`);
  await loadInto(connect, { scale: bytes / bytesAtScale1, connections: 2 });
  const session = await connect();
  await session.run('VACUUM ANALYZE');
  await session[Symbol.asyncDispose]();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { url: { type: 'string' }, size: { type: 'string', default: '1GB' } } });
  if (values.url === undefined) throw new Error('--url is needed: the database to create');
  await loadLifelike({ url: values.url, size: values.size });
}
