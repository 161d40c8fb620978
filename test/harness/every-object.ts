/** A database with one of every kind of object, loaded from `test/fixtures/every-object`. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from './postgres-server.ts';

const folder = join(import.meta.dirname, '../fixtures/every-object');

async function sql(name: string): Promise<string> {
  return await readFile(join(folder, `${name}.sql`), 'utf8');
}

/** The roles must not exist yet on the server; call once for each server. */
export async function createEveryObjectRoles(server: TestServer): Promise<void> {
  await server.psql(await sql('roles'));
}

export async function loadEveryObject(server: TestServer, database: string, options = ''): Promise<void> {
  await server.createDatabase(database, options);
  await server.psql(await sql('schema'), database);
  await server.psql(await sql('rows'), database);
  await server.psql(await sql('database'), 'postgres', { db: database });
}

/** A table whose rows change leaves in a restore: only fingerprints can be compared then. */
export async function addEnumHash(server: TestServer, database: string): Promise<void> {
  await server.psql(await sql('enum-hash'), database);
}

export async function dropEnumHash(server: TestServer, database: string): Promise<void> {
  await server.psql('DROP TABLE sales.by_enum', database);
}
