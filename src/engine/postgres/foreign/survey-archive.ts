/**
 * A look through a whole archive: every block is where it should be, and the archive ends where it should. Rows that pg_dump
 * compressed itself are decompressed as well, by pg_restore: nothing else reads every way pg_dump has of compressing.
 */

import { readTogether } from '../../../codec/pipeline.ts';
import { countOf } from '../../../domain/amounts.ts';
import { HoldfastError } from '../../../domain/error.ts';
import { wholeScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { ForeignSurvey } from '../../foreign.ts';
import { startArchiveScanner, type ArchiveScan } from '../archive/archive-scanner.ts';
import { archiveErrors } from '../archive/errors.ts';
import { findClientTools } from '../client-tools.ts';
import { majorOf, writerMajor } from '../restore/load/archive-writer.ts';
import { archiveAsSql } from '../restore/load/plain-sql.ts';
import { readHead } from '../restore/load/read-head.ts';
import { countTables, needsOfArchive, scopeOfArchive } from './archive-facts.ts';
import { versionOf } from './recognise.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export async function surveyArchive(
  archive: AsyncIterable<Uint8Array>,
  environment: Environment,
  work: Work,
): Promise<ForeignSurvey> {
  await using head = await readHead(archive);
  const { toc } = head;
  const scanning = (bytes: AsyncIterable<Uint8Array>): Promise<ArchiveScan> => scan(bytes, work.signal);
  let sizeBytes: number | null = null;
  let found: ArchiveScan;
  if (toc.compressed) {
    const tools = await findClientTools(writerMajor(toc), environment);
    const reading = (bytes: AsyncIterable<Uint8Array>): Promise<number> =>
      countSql(archiveAsSql({ tools, owners: true, privileges: true }, bytes, work.signal), work.signal);
    [found, sizeBytes] = await readTogether(head.bytes, [scanning, reading]);
  } else found = await scanning(head.bytes);
  const serverVersion = versionOf(toc.serverVersion);
  return {
    origin: {
      product: 'PostgreSQL',
      version: serverVersion,
      majorVersion: majorOf(serverVersion) ?? 0,
      sizeBytes: sizeBytes ?? found.totalBytes,
      tool: `pg_dump ${versionOf(toc.dumpVersion)}`,
    },
    scope: { ...wholeScope, kind: scopeOfArchive(toc) },
    needs: needsOfArchive(toc),
    plainBytes: found.totalBytes,
    contents: contentsOf(found),
    findings: [],
  };
}

async function scan(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ArchiveScan> {
  await using scanner = startArchiveScanner({ hashRows: false, signal });
  for await (const chunk of bytes) await scanner.push(chunk);
  return await scanner.finish();
}

/** What pg_restore cannot read is damage: the scan has found the archive's form in order. */
async function countSql(script: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of script) bytes += chunk.length;
    return bytes;
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof HoldfastError) || cause.code !== 'restore-failed') throw cause;
    throw archiveErrors.make('damaged-archive', cause.message, { cause });
  }
}

/** Of compressed rows only their end is known, not their number. */
function contentsOf({ toc, tables, largeObjects }: ArchiveScan): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const knowsRows = !toc.compressed && tables.length > 0;
  return [
    countOf(countTables(toc), 'table'),
    ...(knowsRows ? [countOf(rows, 'row')] : []),
    ...(largeObjects.count > 0 ? [countOf(largeObjects.count, 'large object')] : []),
  ].join(', ');
}
