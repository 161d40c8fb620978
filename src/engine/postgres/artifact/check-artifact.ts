/** Looks into an artifact without a restore: its form, its end, and its rows against the fingerprint. */

import type { ArtifactRecord } from '../../../domain/artifact.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Fingerprint, TableFingerprint } from '../../../domain/fingerprint.ts';
import type { Manifest } from '../../../domain/manifest.ts';
import type { Work } from '../../../domain/work.ts';
import { startArchiveScanner, type ArchiveScan } from '../archive/archive-scanner.ts';
import { qualifiedName } from '../quote.ts';
import { SqlScriptScanner } from './sql-script-scan.ts';

/** Findings that block are damage. Reads `bytes` to their end in every case. */
export async function checkArtifact(
  artifact: ArtifactRecord,
  bytes: AsyncIterable<Uint8Array>,
  manifest: Manifest,
  fingerprint: Fingerprint | null,
  work: Work,
): Promise<readonly Finding[]> {
  switch (artifact.role) {
    case 'archive':
      return checkArchive(artifact, bytes, fingerprint, work);
    case 'sql':
      return checkScript(artifact, bytes, manifest.scope.kind === 'schema' ? null : fingerprint, dumpEnd, work);
    case 'globals':
      return checkScript(artifact, bytes, null, globalsEnd, work);
    default:
      for await (const _ of bytes) work.signal.throwIfAborted();
      return [];
  }
}

/** What pg_dump and pg_dumpall write last. */
const dumpEnd = '-- PostgreSQL database dump complete';
const globalsEnd = '-- PostgreSQL database cluster dump complete';

async function checkArchive(
  artifact: ArtifactRecord,
  bytes: AsyncIterable<Uint8Array>,
  fingerprint: Fingerprint | null,
  work: Work,
): Promise<readonly Finding[]> {
  const hashRows = fingerprint?.tables.some(({ sum }) => sum !== null) ?? false;
  await using scanner = startArchiveScanner({ hashRows, signal: work.signal });
  const failure: { error: HoldfastError | null } = { error: null };
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      if (failure.error === null) await step();
    } catch (thrown) {
      work.signal.throwIfAborted();
      if (!(thrown instanceof HoldfastError)) throw thrown;
      failure.error = thrown;
    }
  };
  for await (const chunk of bytes) await attempt(() => scanner.push(chunk));
  const found: { scan: ArchiveScan | null } = { scan: null };
  await attempt(async () => {
    found.scan = await scanner.finish();
  });
  if (failure.error !== null || found.scan === null) {
    return [damage('archive-damaged', `${artifact.name}: ${failure.error?.message ?? 'not an archive'}`)];
  }
  return fingerprint === null ? [] : compareArchive(artifact, found.scan, fingerprint);
}

function compareArchive(artifact: ArtifactRecord, scan: ArchiveScan, fingerprint: Fingerprint): readonly Finding[] {
  const entries = new Map(scan.toc.entries.map((entry) => [entry.dumpId, entry]));
  const inArchive = new Map(
    scan.tables.map((table) => {
      const entry = entries.get(table.dumpId);
      return [qualifiedName(entry?.namespace ?? '', entry?.tag ?? ''), table] as const;
    }),
  );
  const findings: Finding[] = [];
  const complain = (what: string): void => {
    findings.push(damage('artifact-differs', `${artifact.name}: ${what}`));
  };
  for (const table of fingerprint.tables.filter(hasRowsOfItsOwn)) {
    const name = qualifiedName(table.schema, table.table);
    const found = inArchive.get(name);
    inArchive.delete(name);
    if (found === undefined) complain(`no rows of ${name}, ${String(table.rows)} expected`);
    else if (found.rows !== table.rows)
      complain(`${String(found.rows)} rows of ${name}, ${String(table.rows)} expected`);
    else if (table.sum !== null && hex(found.sum) !== table.sum)
      complain(`the rows of ${name} are not those of the fingerprint`);
  }
  for (const name of inArchive.keys()) complain(`rows of ${name}, which the fingerprint does not know`);
  const objects = fingerprint.largeObjects;
  if (objects !== null && !isSameLargeObjects(scan, objects))
    complain('the large objects are not those of the fingerprint');
  return findings;
}

function isSameLargeObjects(scan: ArchiveScan, expected: NonNullable<Fingerprint['largeObjects']>): boolean {
  const found = scan.largeObjects;
  if (found.count !== expected.count) return false;
  return expected.sum === null || (found.bytes === expected.bytes && hex(found.sum) === expected.sum);
}

async function checkScript(
  artifact: ArtifactRecord,
  bytes: AsyncIterable<Uint8Array>,
  fingerprint: Fingerprint | null,
  lastComment: string,
  work: Work,
): Promise<readonly Finding[]> {
  const scanner = new SqlScriptScanner();
  for await (const chunk of bytes) {
    work.signal.throwIfAborted();
    scanner.push(chunk);
  }
  const scan = scanner.finish();
  if (scan.isCut || !scan.lastLines.includes(lastComment)) {
    return [damage('script-incomplete', `${artifact.name} does not end as a complete script does`)];
  }
  if (fingerprint === null) return [];
  const found = new Map<string, number>();
  for (const { schema, table, rows } of scan.tables) {
    const name = qualifiedName(schema, table);
    found.set(name, (found.get(name) ?? 0) + rows);
  }
  const findings: Finding[] = [];
  for (const [name, rows] of rowsByLoadTarget(fingerprint)) {
    const present = found.get(name) ?? 0;
    if (present === rows) continue;
    findings.push(
      damage('artifact-differs', `${artifact.name}: ${String(present)} rows of ${name}, ${String(rows)} expected`),
    );
  }
  return findings;
}

/** Rows of partitions may be loaded through their root: the script then names the root. */
function rowsByLoadTarget(fingerprint: Fingerprint): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const table of fingerprint.tables.filter(hasRowsOfItsOwn)) {
    const target = table.loadedVia ?? table;
    const name = qualifiedName(target.schema, target.table);
    rows.set(name, (rows.get(name) ?? 0) + table.rows);
  }
  return rows;
}

/** A materialised view is in the backup as its definition only. */
function hasRowsOfItsOwn(table: TableFingerprint): boolean {
  return table.kind !== 'materialized-view';
}

function damage(code: string, message: string): Finding {
  return {
    severity: 'blocking',
    code,
    message,
    hint: 'Do not rely on this backup; take a new one, and verify the others.',
  };
}

function hex(sum: bigint): string {
  return sum.toString(16).padStart(16, '0');
}
