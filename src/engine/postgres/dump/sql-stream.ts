/**
 * Turns the archive into SQL while it passes: one pg_restore that reads it from a pipe and writes statements, which go
 * to one or more artifacts. The database is not asked again.
 */

import type { ArtifactSink, ArtifactSpec } from '../../../domain/artifact.ts';
import type { Work } from '../../../domain/work.ts';
import { readTogether } from '../../../codec/pipeline.ts';
import type { RunningChild } from '../../../system/child-process.ts';
import type { ClientTools } from '../client-tools.ts';
import type { PgAddress } from '../connection/address.ts';
import { startTool } from '../start-tool.ts';
import { sqlArguments, type DumpChoices } from './dump-command.ts';
import { toolError } from './tool-errors.ts';

export interface SqlPlan {
  readonly address: PgAddress;
  readonly tools: ClientTools;
  readonly choices: DumpChoices;
  readonly sql: readonly ArtifactSpec[];
}

/** Reads the archive to its end. Throws what the archive throws, `sql-failed`, or what the sink throws. */
export async function writeSql(
  plan: SqlPlan,
  archive: AsyncIterable<Uint8Array>,
  sink: ArtifactSink,
  work: Work,
): Promise<void> {
  await using child = await startTool(
    {
      tools: plan.tools,
      name: 'pg_restore',
      args: sqlArguments(plan.choices),
      address: plan.address,
      stdin: 'pipe',
    },
    work.signal,
  );
  const feeding = new Feeding(child, archive);
  await readTogether(
    sqlOutput(child, feeding, work.signal),
    plan.sql.map((spec) => (branch: AsyncIterable<Uint8Array>) => sink.write(spec, branch, work)),
  );
  await feeding.ended;
}

/** Writes the archive into the child; ends the child when the archive fails, so that its reader wakes up. */
class Feeding {
  readonly ended: Promise<void>;
  failure: { readonly error: unknown } | null = null;
  readonly #child: RunningChild;

  constructor(child: RunningChild, archive: AsyncIterable<Uint8Array>) {
    this.#child = child;
    this.ended = this.#feed(archive);
    // Whoever reads the output hears of it; nobody may be waiting here yet.
    this.ended.catch((error: unknown) => {
      this.failure = { error };
      child.kill();
    });
  }

  async #feed(archive: AsyncIterable<Uint8Array>): Promise<void> {
    let isOpen = true;
    for await (const chunk of archive) {
      if (isOpen) isOpen = await this.#write(chunk);
      if (!isOpen) await demandSuccess(this.#child);
    }
    this.#child.stdin?.end();
  }

  /** False when the child reads no more. The chunk is ours only until the next one is asked for. */
  #write(chunk: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const { stdin } = this.#child;
      if (stdin === null) resolve(false);
      else
        stdin.write(chunk, (error) => {
          resolve(error === null || error === undefined);
        });
    });
  }
}

async function* sqlOutput(child: RunningChild, feeding: Feeding, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (child.stdout !== null) for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk;
  await child.ended;
  signal.throwIfAborted();
  if (feeding.failure !== null) throw feeding.failure.error;
  await demandSuccess(child);
}

async function demandSuccess(child: RunningChild): Promise<void> {
  const status = await child.ended;
  if (status.code !== 0) throw toolError('sql-failed', 'pg_restore', status);
}
