/** The parser of custom archives beside pg_dump's own and pg_restore's view of them. */

import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startArchiveScanner, type ArchiveScan } from '../../src/engine/postgres/archive/archive-scanner.ts';
import type { TocEntry } from '../../src/engine/postgres/archive/toc.ts';
import { dumpAndFingerprint, loadOddObjects, quietWork } from '../harness/fingerprinted-dump.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { libpqVariables } from '../harness/psql.ts';
import { testedMajors } from '../harness/server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

const run = promisify(execFile);
const archiveVersions: Readonly<Record<number, string>> = { 16: '1.15', 17: '1.16', 18: '1.16' };

describe.each(testedMajors())('archives of pg_dump %i', (major) => {
  let server: TestServer;
  let directory: TestDirectory;
  /** Came through a pipe: without the places of its data. */
  let piped = '';

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { wal_level: 'logical' } });
    directory = await makeTestDirectory('archive');
    await loadOddObjects(server, 'odd');
    piped = join(directory.path, 'piped.dump');
    await writeFile(piped, (await dumpAndFingerprint(server, 'odd')).archive);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function tool(name: string, ...args: string[]): Promise<string> {
    const options = { env: libpqVariables(server, 'odd'), maxBuffer: 1 << 28 };
    return (await run(join(server.binDirectory, name), args, options)).stdout;
  }

  async function scanFile(path: string): Promise<ArchiveScan> {
    await using scanner = startArchiveScanner({ hashRows: true, signal: quietWork.signal });
    for await (const chunk of createReadStream(path)) await scanner.push(chunk as Buffer);
    return await scanner.finish();
  }

  test('have the entries that pg_restore lists', async () => {
    const { toc } = await scanFile(piped);
    expect(toc.archiveVersion).toBe(archiveVersions[major] ?? '1.14');
    expect(toc).toMatchObject({ databaseName: 'odd', encoding: 'UTF8', compressed: false });
    expect(toc.serverVersion).toMatch(new RegExp(`^${major}\\.`));
    const listed = (await tool('pg_restore', '--list', piped)).split('\n').filter((line) => /^\d+;/.test(line));
    const special = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES']);
    const shown = toc.entries.filter((entry) => !special.has(entry.desc) && entry.tag !== 'DATABASE odd');
    expect(shown.map(describeEntry)).toEqual(listed);
  });

  test('have their data where pg_dump itself says when it can seek', async () => {
    const seekable = join(directory.path, 'seekable.dump');
    await tool('pg_dump', '--format=custom', '--compress=0', `--file=${seekable}`);
    const { toc, dataOffsets } = await scanFile(seekable);
    const said = toc.entries.filter((entry) => entry.dataState === 'offset');
    expect(said.length).toBeGreaterThan(15);
    expect(new Map(said.map((entry) => [entry.dumpId, entry.dataOffset]))).toEqual(dataOffsets);
  });

  test.each(major >= 16 ? ['gzip', 'zstd', 'lz4'] : ['6'])(
    'are walked when compressed by pg_dump (%s)',
    async (compression) => {
      const compressed = join(directory.path, `${compression}.dump`);
      await tool('pg_dump', '--format=custom', `--compress=${compression}`, `--file=${compressed}`);
      const found = await scanFile(compressed);
      expect(found.toc).toMatchObject({ compressed: true, compression: compression === '6' ? 'gzip' : compression });
      expect(found.tables).toEqual([]);
      expect(found.largeObjects.count).toBe(3);
      const said = found.toc.entries.filter((entry) => entry.dataState === 'offset');
      expect(new Map(said.map((entry) => [entry.dumpId, entry.dataOffset]))).toEqual(found.dataOffsets);
    },
  );

  test('of INSERT statements, of the schema alone and of nothing are read', async () => {
    for (const args of [['--inserts'], ['--schema-only'], ['--table=public.nothing'], ['--data-only']]) {
      const path = join(directory.path, 'other.dump');
      await tool('pg_dump', '--format=custom', '--compress=0', `--file=${path}`, ...args);
      const { tables } = await scanFile(path);
      const expected = { '--inserts': 0, '--schema-only': 0, '--table=public.nothing': 1, '--data-only': 20 };
      expect(tables.length, args[0]).toBe(expected[args[0] as keyof typeof expected]);
    }
  });
});

/** One line of `pg_restore --list` (pg_backup_archiver.c, PrintTOCSummary). */
function describeEntry(entry: TocEntry): string {
  const clean = (text: string): string => text.replaceAll(/[\n\r]/g, ' ');
  const schema = entry.namespace === '' ? '-' : clean(entry.namespace);
  return `${entry.dumpId}; ${entry.tableOid} ${entry.oid} ${entry.desc} ${schema} ${clean(entry.tag)} ${clean(entry.owner)}`;
}
