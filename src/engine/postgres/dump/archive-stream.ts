/**
 * One run of pg_dump, read once, given at the same time to everyone who wants the archive: the repository, the scanner
 * that counts and hashes rows, and a pg_restore that turns it into SQL. The slowest paces pg_dump; nothing piles up.
 * When one of them fails all stop, and the error is the one that began it.
 */

import type { ArtifactSpec, ArtifactSink } from '../../../domain/artifact.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import { readTogether } from '../../../codec/pipeline.ts';
import type { RunningChild } from '../../../system/child-process.ts';
import type { ArchiveScanner } from '../archive/archive-scanner.ts';
import type { ClientTools } from '../client-tools.ts';
import type { PgAddress } from '../connection/address.ts';
import { startTool } from '../start-tool.ts';
import { dumpArguments, type DumpChoices } from './dump-command.ts';
import { writeSql } from './sql-stream.ts';
import { toolError, toolWarnings } from './tool-errors.ts';

export interface ArchiveStreamPlan {
  readonly address: PgAddress;
  readonly tools: ClientTools;
  readonly choices: DumpChoices;
  readonly snapshot: string;
  readonly lockTimeoutMs: number;
  /** Null when only SQL is wanted. */
  readonly archive: ArtifactSpec | null;
  readonly sql: readonly ArtifactSpec[];
  /** Gets every byte; its end is told to it by whoever made it. Null: nobody looks into the archive. */
  readonly scanner: ArchiveScanner | null;
  readonly estimatedBytes: number;
  /** Environment that makes pg_dump write values as our own sessions do. */
  readonly textSettings: Readonly<Record<string, string>>;
}

type Reader = (branch: AsyncIterable<Uint8Array>) => Promise<unknown>;

/** Resolves when pg_dump ended well and everybody has everything; with what pg_dump warned of. */
export async function streamArchive(
  plan: ArchiveStreamPlan,
  sink: ArtifactSink,
  work: Work,
): Promise<readonly Finding[]> {
  const readers: Reader[] = [];
  const { archive, scanner } = plan;
  // The sink reports bytes of its own; those of the dump are what people wait for.
  const quiet: Work = { signal: work.signal, report: () => undefined };
  if (archive !== null) readers.push((branch) => sink.write(archive, branch, quiet));
  if (plan.sql.length > 0) readers.push((branch) => writeSql(plan, branch, sink, quiet));
  if (scanner !== null) {
    readers.push(async (branch) => {
      for await (const chunk of branch) await scanner.push(chunk);
    });
  }
  await using child = await startTool(
    {
      tools: plan.tools,
      name: 'pg_dump',
      args: dumpArguments(plan.choices, plan.snapshot, plan.lockTimeoutMs),
      address: plan.address,
      variables: plan.textSettings,
    },
    work.signal,
  );
  await readTogether(dumpOutput(child, plan.estimatedBytes, work), readers);
  return toolWarnings('pg_dump', (await child.ended).stderr);
}

const reportEveryBytes = 4 * 1024 * 1024;

/** pg_dump's output. It ends only if pg_dump ended well: a dump cut short must look like one to every reader. */
async function* dumpOutput(child: RunningChild, estimatedBytes: number, work: Work): AsyncGenerator<Uint8Array> {
  let doneBytes = 0;
  let reportedBytes = 0;
  if (child.stdout !== null) {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      doneBytes += chunk.length;
      if (doneBytes - reportedBytes >= reportEveryBytes) {
        reportedBytes = doneBytes;
        work.report({ kind: 'bytes', doneBytes, totalBytes: Math.max(estimatedBytes, doneBytes) });
      }
      yield chunk;
    }
  }
  const status = await child.ended;
  work.signal.throwIfAborted();
  if (status.code !== 0) throw toolError('dump-failed', 'pg_dump', status);
  work.report({ kind: 'bytes', doneBytes, totalBytes: doneBytes });
}
