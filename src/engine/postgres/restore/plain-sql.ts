/**
 * An archive as the SQL that a server older than its client tools understands. pg_restore 17 and newer begin every
 * session with `SET transaction_timeout = 0`, which is an error before 17 and would end a restore that ignores none.
 */

import { startChild, type ChildSpec } from '../../../system/child-process.ts';
import { demandTool, type LoadTarget } from './pg-restore.ts';
import { feedChild } from './feed-child.ts';
import { restoreErrors } from './errors.ts';
import { libpqEnvironment } from '../connection/address.ts';

/** The setting stands in the preamble; nothing behind it is looked at. */
const preambleBytes = 4096;
const unknownSetting = 'SET transaction_timeout = 0;\n';

/** `archive` is a file's path or the archive's bytes. */
export async function* plainSqlFor(
  target: LoadTarget,
  archive: string | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const args = ['--file=-', ...(target.owners ? [] : ['--no-owner']), ...(target.privileges ? [] : ['--no-privileges'])];
  const fromFile = typeof archive === 'string';
  const spec: ChildSpec = {
    command: demandTool(target.tools, 'pg_restore'),
    args: fromFile ? [...args, archive] : args,
    env: libpqEnvironment(target.address),
    stdin: fromFile ? 'ignore' : 'pipe',
    stdout: 'pipe',
  };
  await using child = await startChild(spec, signal);
  const feeding = fromFile ? Promise.resolve() : feedChild(child, archive);
  feeding.catch(() => {
    child.kill();
  });
  if (child.stdout === null) throw new TypeError('the program was started without an output');
  yield* withoutUnknownSetting(child.stdout as AsyncIterable<Uint8Array>);
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
