/** Databases big enough to be interrupted in the middle. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from './postgres-server.ts';

/** About `megabytes` of rows that hardly compress. */
export async function loadNoise(server: TestServer, database: string, megabytes: number): Promise<void> {
  await server.createDatabase(database);
  await server.psql(
    `CREATE TABLE noise (id integer PRIMARY KEY, body text);
     ALTER TABLE noise ALTER COLUMN body SET STORAGE EXTERNAL;
     INSERT INTO noise SELECT n, string_agg(md5(random()::text), '') FROM generate_series(1, ${megabytes * 64}) n,
       generate_series(1, 512) k GROUP BY n;
     CREATE TABLE small (id serial PRIMARY KEY, name text);
     INSERT INTO small (name) SELECT 'row ' || n FROM generate_series(1, 1000) n;`,
    database,
  );
}

/** Waits until the files below a folder hold this many bytes; throws after a minute. */
export async function waitForBytes(folder: string, bytes: number): Promise<void> {
  for (let attempt = 0; attempt < 6000; attempt += 1) {
    if ((await bytesBelow(folder)) >= bytes) return;
    await sleep(10);
  }
  throw new Error(`${folder} never held ${bytes} bytes`);
}

export async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  // A file may be renamed between the listing and the look.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (file) => (file.isFile() ? file.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
