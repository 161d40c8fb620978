/**
 * Roles, tablespaces and settings of the server, which a dump of one database does not hold and needs to be restored
 * elsewhere (PostgreSQL documentation, pg_dumpall). Passwords are part of it where the role may read them.
 */

import type { ArtifactRecord, ArtifactSink, ArtifactSpec } from '../../../domain/artifact.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { ClientTools } from '../client-tools.ts';
import type { PgAddress } from '../connection/address.ts';
import { startTool } from '../start-tool.ts';
import { globalsArguments } from './dump-command.ts';
import { toolError } from './tool-errors.ts';

export interface Globals {
  readonly record: ArtifactRecord;
  readonly findings: readonly Finding[];
}

export interface GlobalsParts {
  readonly address: PgAddress;
  readonly tools: ClientTools;
  readonly sink: ArtifactSink;
  readonly mayReadPasswords: boolean;
}

export async function dumpGlobals(parts: GlobalsParts, spec: ArtifactSpec, work: Work): Promise<Globals> {
  const text = await readGlobals(parts, parts.mayReadPasswords, work.signal);
  const record = await parts.sink.write(spec, once(text.bytes), work);
  return { record, findings: text.hasPasswords ? [] : [withoutPasswords] };
}

const withoutPasswords: Finding = {
  severity: 'note',
  code: 'globals-without-passwords',
  message: 'the roles were saved without their passwords, which this user may not read',
  hint: 'After a restore on a new server set the passwords again, or take backups as a superuser.',
};

export interface GlobalsText {
  readonly bytes: Buffer;
  readonly hasPasswords: boolean;
}

/** Small enough to be held; nothing of it is stored before pg_dumpall has ended well. */
export async function readGlobals(
  parts: Pick<GlobalsParts, 'address' | 'tools'>,
  withPasswords: boolean,
  signal: AbortSignal,
): Promise<GlobalsText> {
  try {
    return { bytes: await runDumpall(parts, withPasswords, signal), hasPasswords: withPasswords };
  } catch (thrown) {
    const isPrivilege = thrown instanceof HoldfastError && /permission denied/.test(thrown.message);
    if (!withPasswords || !isPrivilege) throw thrown;
    return { bytes: await runDumpall(parts, false, signal), hasPasswords: false };
  }
}

/** So that when a password ends is written the same way by every server. */
const timeSettings = { PGTZ: 'UTC', PGDATESTYLE: 'ISO, MDY' };

async function runDumpall(
  parts: Pick<GlobalsParts, 'address' | 'tools'>,
  withPasswords: boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  await using child = await startTool(
    {
      tools: parts.tools,
      name: 'pg_dumpall',
      args: globalsArguments(parts.address.database, withPasswords),
      address: parts.address,
      variables: timeSettings,
    },
    signal,
  );
  const chunks: Buffer[] = [];
  if (child.stdout !== null) for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const status = await child.ended;
  signal.throwIfAborted();
  if (status.code !== 0) throw toolError('globals-failed', 'pg_dumpall', status);
  return Buffer.concat(chunks);
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
