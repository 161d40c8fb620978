/** An archive as SQL, written by pg_restore; and as the SQL that a server older than its client tools understands. */

import type { ClientTools } from '../../client-tools.ts';
import { startTool } from '../../start-tool.ts';
import { restoreErrors } from '../errors.ts';
import { feedChild, type Reading } from './feed-child.ts';

export interface SqlChoices {
  readonly tools: ClientTools;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Further arguments of pg_restore. */
  readonly further?: readonly string[];
  /** Of an archive in a stream. Default: all. */
  readonly reading?: Reading;
}

/** pg_restore from this version on begins its scripts with `SET transaction_timeout`, which older servers refuse. */
export const transactionTimeoutMajor = 17;

/** The setting stands in the preamble; nothing behind it is looked at. */
const preambleBytes = 4096;
const unknownSetting = 'SET transaction_timeout = 0;\n';

/** `archive` is a file's path, or the archive's bytes. */
export async function* archiveAsSql(
  choices: SqlChoices,
  archive: string | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const fromFile = typeof archive === 'string';
  const args = [
    '--file=-',
    ...(choices.owners ? [] : ['--no-owner']),
    ...(choices.privileges ? [] : ['--no-privileges']),
    ...(choices.further ?? []),
    ...(fromFile ? [archive] : []),
  ];
  const stdin = fromFile ? 'ignore' : 'pipe';
  await using child = await startTool({ tools: choices.tools, name: 'pg_restore', args, address: null, stdin }, signal);
  const feeding = fromFile ? Promise.resolve() : feedChild(child, archive, choices.reading ?? 'all');
  // Bytes that turn out to be wrong end the program too; the reason is thrown below.
  feeding.catch(() => {
    child.kill();
  });
  if (child.stdout !== null) yield* child.stdout as AsyncIterable<Uint8Array>;
  await feeding;
  const status = await child.ended;
  signal.throwIfAborted();
  if (status.code !== 0) {
    throw restoreErrors.make('restore-failed', `pg_restore could not read the archive: ${status.stderr}`);
  }
}

/** The script without the one line of its preamble that servers before 17 do not know. */
export async function* withoutUnknownSetting(script: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let preamble: Buffer | null = Buffer.alloc(0);
  for await (const chunk of script) {
    if (preamble === null) {
      yield chunk;
      continue;
    }
    preamble = Buffer.concat([preamble, chunk]);
    if (preamble.length < preambleBytes) continue;
    yield withoutLine(preamble);
    preamble = null;
  }
  if (preamble !== null) yield withoutLine(preamble);
}

function withoutLine(preamble: Buffer): Buffer {
  const at = preamble.subarray(0, preambleBytes).indexOf(unknownSetting);
  if (at < 0) return preamble;
  return Buffer.concat([preamble.subarray(0, at), preamble.subarray(at + unknownSetting.length)]);
}
