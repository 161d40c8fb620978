import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkArtifact } from '../../../src/engine/postgres/artifact/check-artifact.ts';
import { extractFormats } from '../../../src/engine/postgres/artifact/extract-formats.ts';
import { extract } from '../../../src/engine/postgres/artifact/extract.ts';
import { restoreInstructions } from '../../../src/engine/postgres/artifact/restore-instructions.ts';
import { startArchiveScanner } from '../../../src/engine/postgres/archive/archive-scanner.ts';
import type { ArtifactRecord } from '../../../src/domain/artifact.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { Fingerprint } from '../../../src/domain/fingerprint.ts';
import type { Manifest } from '../../../src/domain/manifest.ts';
import { libpqVariables } from '../../harness/psql.ts';
import { distributionMajor, testedMajors } from '../../harness/server-binaries.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { chunksOf, dumpDatabase, quietWork, readOutput, type DumpedBackup } from './dumped-backup.ts';

const odd = `Odd 'name' $x`;
const [major = distributionMajor()] = testedMajors();
let server: TestServer;
let folder: TestDirectory;
let archive: DumpedBackup;
let script: DumpedBackup;
let fingerprint: Fingerprint;

beforeAll(async () => {
  server = await startPostgres({ major });
  folder = await makeTestDirectory('artifacts');
  await server.createDatabase(odd);
  await server.psql(
    `CREATE TABLE t (x int, y text);
     INSERT INTO t SELECT g, E'\\\\.\\n-- Data for Name: ' || g FROM generate_series(1, 100) g;
     CREATE TABLE p (x int) PARTITION BY LIST (x); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1);
     CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '
COPY public.t (x, y) FROM stdin;
1' $$;
     SELECT lo_from_bytea(0, 'abc');`,
    odd,
  );
  archive = await dumpDatabase(server, odd);
  script = await dumpDatabase(server, odd, { format: 'plain' });
  fingerprint = await fingerprintOf(archive.bytes);
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('checking an artifact without a restore', () => {
  it('finds nothing wrong with what pg_dump wrote', async () => {
    expect(await check(archive.artifact, archive.bytes)).toEqual([]);
    expect(await check(script.artifact, script.bytes)).toEqual([]);
    const globals = await readOutput(server, 'pg_dumpall', ['--globals-only'], 'postgres');
    expect(await check({ ...script.artifact, role: 'globals' }, globals)).toEqual([]);
  });

  it('finds one changed row, a row too many, a table too few', async () => {
    const changed = Buffer.from(archive.bytes);
    changed.write('9', changed.indexOf('\\n-- Data for Name: 55\n') - 3);
    expect((await check(archive.artifact, changed))[0]?.message).toContain('"public"."t"');
    const more = { ...fingerprint, tables: fingerprint.tables.map((table) => ({ ...table, rows: table.rows + 1 })) };
    expect(await check(archive.artifact, archive.bytes, more)).toHaveLength(2);
    expect(await check(script.artifact, script.bytes, more)).toHaveLength(2);
    const fewer = { ...fingerprint, tables: fingerprint.tables.slice(1) };
    expect((await check(archive.artifact, archive.bytes, fewer)).map(({ code }) => code)).toEqual(['artifact-differs']);
    const objects = { ...fingerprint, largeObjects: { count: 1, bytes: 3, sum: '0'.repeat(16) } };
    expect((await check(archive.artifact, archive.bytes, objects))[0]?.message).toContain('large objects');
  });

  it('finds a truncated one, and reads it to its end all the same', async () => {
    for (const cut of [20, 3000, archive.bytes.length - 10]) {
      expect((await check(archive.artifact, archive.bytes.subarray(0, cut))).map(({ code }) => code)).toEqual([
        'archive-damaged',
      ]);
    }
    expect((await check(script.artifact, script.bytes.subarray(0, -200))).map(({ code }) => code)).toEqual([
      'script-incomplete',
    ]);
    const state = { read: 0 };
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunksOf(Buffer.concat([Buffer.from('no archive'), Buffer.alloc(500_000)]))) {
        state.read += chunk.length;
        yield chunk;
      }
    };
    const findings = await checkArtifact(archive.artifact, counted(), archive.source.manifest, null, quietWork);
    expect(findings.map(({ code }) => code)).toEqual(['archive-damaged']);
    expect(state.read).toBe(500_010);
  });
});

describe('extracting plain files', () => {
  it('gives the archive as it is, and the SQL that stock pg_restore writes', async () => {
    const formats = extractFormats(archive.source.manifest);
    expect(formats.map(({ name }) => name)).toEqual(['dump', 'sql', 'sql.gz']);
    expect(extractFormats(script.source.manifest).map(({ name }) => name)).toEqual(['sql', 'sql.gz']);
    expect(
      await gather(extract(server.toolEnvironment, { name: 'dump', gzip: false }, archive.source, quietWork)),
    ).toEqual(archive.bytes);
    const sql = await gather(extract(server.toolEnvironment, { name: 'sql', gzip: false }, archive.source, quietWork));
    const path = join(folder.path, 'plain.dump');
    await writeFile(path, archive.bytes);
    expect(withoutKey(sql)).toBe(withoutKey(await readOutput(server, 'pg_restore', ['-f', '-', path], 'postgres')));
    expect(
      await gather(extract(server.toolEnvironment, { name: 'sql.gz', gzip: true }, script.source, quietWork)),
    ).toEqual(script.bytes);
  });
});

describe('the commands of RESTORE.txt', () => {
  it('restore the database from its folder with stock tools alone', { timeout: 60_000 }, async () => {
    const manifest = await writeFolder();
    const commands = commandsOf(restoreInstructions(manifest));
    expect(commands.some((command) => command.includes('--create'))).toBe(true);
    await using fresh = await startPostgres({ major });
    for (const command of commands) await run(fresh, command);
    for (const database of [odd, 'restored', 'restored_from_sql']) {
      expect(await fresh.psql('SELECT count(*), (SELECT count(*) FROM p) FROM t', database)).toBe('100|1');
    }
  });
});

async function check(
  artifact: ArtifactRecord,
  bytes: Buffer,
  expected: Fingerprint | null = fingerprint,
): Promise<readonly Finding[]> {
  return await checkArtifact(artifact, chunksOf(bytes), archive.source.manifest, expected, quietWork);
}

/** What a backup would have noted while the archive passed. */
async function fingerprintOf(bytes: Buffer): Promise<Fingerprint> {
  await using scanner = startArchiveScanner({ hashRows: true, signal: quietWork.signal });
  await scanner.push(bytes);
  const { toc, tables, largeObjects } = await scanner.finish();
  const hex = (sum: bigint): string => sum.toString(16).padStart(16, '0');
  return {
    version: 1,
    engine: 'postgres',
    mode: 'content',
    tables: tables.map(({ dumpId, rows, sum }) => {
      const entry = toc.entries.find((one) => one.dumpId === dumpId);
      return {
        schema: entry?.namespace ?? '',
        table: entry?.tag ?? '',
        kind: 'table',
        columns: [],
        rows,
        sum: hex(sum),
      };
    }),
    largeObjects: { ...largeObjects, sum: hex(largeObjects.sum) },
    sequences: [],
    objects: [],
  };
}

async function writeFolder(): Promise<Manifest> {
  const globals = await readOutput(server, 'pg_dumpall', ['--globals-only'], 'postgres');
  const files = [
    [archive.artifact, archive.bytes],
    [script.artifact, script.bytes],
    [{ ...script.artifact, role: 'globals', name: 'globals-20261121T020000Z.sql' } as const, globals],
  ] as const;
  const sums: string[] = [];
  for (const [artifact, bytes] of files) {
    await writeFile(join(folder.path, artifact.name), bytes);
    sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${artifact.name}\n`);
  }
  await writeFile(join(folder.path, 'SHA256SUMS'), sums.join(''));
  return { ...archive.source.manifest, artifacts: files.map(([artifact]) => artifact) };
}

function commandsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .map((line) => line.trim());
}

async function run(fresh: TestServer, command: string): Promise<void> {
  const { PGDATABASE: _, ...env } = libpqVariables(fresh, 'postgres');
  const child = spawn('/bin/sh', ['-ec', command], {
    cwd: folder.path,
    env: { ...env, PATH: `${fresh.binDirectory}:${env['PATH'] ?? ''}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(`${command}: ${String(code)} ${code === 0 ? '' : said}`).toBe(`${command}: 0 `);
}

async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function withoutKey(sql: Buffer): string {
  return sql.toString('utf8').replaceAll(/^\\(?:un)?restrict .*$/gm, '');
}
