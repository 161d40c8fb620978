/** Damage in the files of a test server, as disks do it: the server is stopped, bytes are overwritten, it is started again. */

import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from './postgres-server.ts';

export interface BlockDamage {
  /** As SQL writes it. */
  readonly relation: string;
  readonly block: number;
  readonly how: 'zeros' | 'garbage';
}

const blockBytes = 8192;

export async function damageBlocks(
  server: TestServer,
  database: string,
  damages: readonly BlockDamage[],
): Promise<void> {
  const paths = await Promise.all(damages.map(({ relation }) => fileOf(server, database, relation)));
  await server.psql('CHECKPOINT');
  await server.stop();
  for (const [at, { block, how }] of damages.entries()) {
    await using file = await open(paths[at] ?? '', 'r+');
    const bytes = how === 'zeros' ? Buffer.alloc(blockBytes) : randomBytes(blockBytes);
    await file.write(bytes, 0, blockBytes, block * blockBytes);
  }
  await server.start();
}

export async function fileOf(server: TestServer, database: string, relation: string): Promise<string> {
  const path = await server.psql(
    `SELECT pg_relation_filepath('${relation.replaceAll("'", "''")}'::regclass)`,
    database,
  );
  return join(server.dataDirectory, path);
}

/**
 * Makes the value that holds these words claim to be 500 MB long. Whoever prints it reads far beyond the server's memory: the
 * process dies by SIGSEGV, and the server begins anew.
 */
export async function makeDeadly(server: TestServer, database: string, relation: string, words: string): Promise<void> {
  const path = await fileOf(server, database, relation);
  await server.psql('CHECKPOINT');
  await server.stop();
  const at = (await readFile(path)).indexOf(words);
  if (at < 4) throw new Error(`${relation} does not hold ${words}`);
  const header = Buffer.alloc(4);
  // A four-byte header: the length, shifted by two bits (postgres.h, SET_VARSIZE_4B); the machines we test on store the least byte first.
  header.writeUInt32LE((500 << 20) * 4);
  await using file = await open(path, 'r+');
  await file.write(header, 0, 4, at - 4);
  await file.close();
  await server.start();
}
