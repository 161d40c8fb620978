/** Dumps with stock pg_dump in an exported snapshot, fingerprints on the way, restores with stock pg_restore. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { wholeScope, type Scope } from '../../src/domain/scope.ts';
import type { Fingerprint } from '../../src/domain/fingerprint.ts';
import type { Work } from '../../src/domain/work.ts';
import {
  startArchiveScanner,
  type ArchiveScan,
  type ArchiveScanner,
} from '../../src/engine/postgres/archive/archive-scanner.ts';
import type { PgAddress } from '../../src/engine/postgres/connection/address.ts';
import { openSession } from '../../src/engine/postgres/connection/session.ts';
import { buildSourceFingerprint } from '../../src/engine/postgres/fingerprint/source-fingerprint.ts';
import type { TestServer } from './postgres-server.ts';
import { libpqVariables } from './psql.ts';

const run = promisify(execFile);

export const quietWork: Work = { signal: new AbortController().signal, report: () => undefined };

export interface FingerprintedDump {
  readonly archive: Buffer;
  readonly fingerprint: Fingerprint;
}

export interface DumpOptions {
  readonly mode?: Fingerprint['mode'];
  readonly scope?: Scope;
  readonly arguments?: readonly string[];
  /** Changes what the scanner is believed to have seen. */
  readonly alter?: (scan: ArchiveScan) => ArchiveScan;
}

export function addressOf(server: TestServer, database: string): PgAddress {
  const { socketDirectory: host, port, superuser: user } = server;
  return { host, port, user, password: null, database, sslmode: null, options: {} };
}

export async function loadOddObjects(server: TestServer, database: string): Promise<void> {
  await server.createDatabase(database);
  const file = join(import.meta.dirname, '../fixtures/fingerprint/odd-objects.sql');
  await server.psql(await readFile(file, 'utf8'), database);
}

export async function dumpAndFingerprint(
  server: TestServer,
  database: string,
  options: DumpOptions = {},
): Promise<FingerprintedDump> {
  const { mode = 'content', scope = wholeScope } = options;
  await using session = await openSession(addressOf(server, database), { purpose: 'test', signal: quietWork.signal });
  await session.query('begin isolation level repeatable read read only');
  const [exported] = await session.query<{ id: string }>('select pg_export_snapshot() as id');
  const id = exported?.id ?? '';
  await using scanner = startArchiveScanner({ hashRows: mode !== 'counts', signal: quietWork.signal });
  const chunks: Buffer[] = [];
  const fingerprint = await buildSourceFingerprint({
    mode,
    scope,
    snapshot: { id, session },
    facts: { major: server.major },
    scanner: altered(scanner, options.alter ?? ((scan) => scan)),
    streamed: streamDump(server, database, [`--snapshot=${id}`, ...(options.arguments ?? [])], scanner, chunks),
    work: quietWork,
  });
  return { archive: Buffer.concat(chunks), fingerprint };
}

/** Every statement must succeed. */
export async function restoreArchive(server: TestServer, path: string, database: string, options = ''): Promise<void> {
  await server.createDatabase(database, `TEMPLATE template0 ${options}`);
  await run(join(server.binDirectory, 'pg_restore'), ['--exit-on-error', '--jobs=2', `--dbname=${database}`, path], {
    env: libpqVariables(server, database),
  });
}

function altered(
  scanner: ArchiveScanner,
  alter: (scan: ArchiveScan) => ArchiveScan,
): Pick<ArchiveScanner, 'toc' | 'finish'> {
  return { toc: scanner.toc, finish: async () => alter(await scanner.finish()) };
}

async function streamDump(
  server: TestServer,
  database: string,
  further: readonly string[],
  scanner: ArchiveScanner,
  chunks: Buffer[],
): Promise<void> {
  const child = spawn(join(server.binDirectory, 'pg_dump'), ['-Fc', '-Z0', ...further], {
    env: { ...libpqVariables(server, database), PGTZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    await scanner.push(chunk);
  }
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`pg_dump ended with ${String(code)}`);
}
