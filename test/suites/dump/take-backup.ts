/** A backup of a test server's database through the real engine, its artifacts kept in memory as plain bytes. */

import type { ArtifactRecord, ArtifactSink, ArtifactSpec } from '../../../src/domain/artifact.ts';
import { wholeScope, type Scope } from '../../../src/domain/scope.ts';
import type { BackupOutcome, BackupRequest } from '../../../src/engine/engine.ts';
import { readAddress, type ReadAddress } from '../../../src/engine/postgres/connection/address.ts';
import { backupDatabase } from '../../../src/engine/postgres/dump/backup.ts';
import type { TestServer } from '../../harness/postgres-server.ts';

export interface TakenBackup {
  readonly outcome: BackupOutcome;
  /** Plain bytes by artifact role; of several SQL artifacts the last. */
  readonly artifacts: ReadonlyMap<string, Buffer>;
}

export interface BackupTestOptions extends Partial<BackupRequest> {
  /** Default: the superuser's address by socket. */
  readonly url?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onNote?: (text: string) => void;
  /** Called with each chunk of each artifact; what it throws is the sink's failure. */
  readonly onChunk?: (spec: ArtifactSpec, receivedBytes: number) => void | Promise<void>;
}

export async function takeBackup(
  server: TestServer,
  database: string,
  options: BackupTestOptions = {},
): Promise<TakenBackup> {
  const artifacts = new Map<string, Buffer>();
  const read = addressOf(options.url ?? server.socketUrl(database), options.environment);
  const outcome = await backupDatabase(
    requestOf(options),
    { read, environment: server.toolEnvironment, sink: memorySink(artifacts, options) },
    {
      signal: options.signal ?? new AbortController().signal,
      report: (event) => event.kind === 'note' && options.onNote?.(event.text),
    },
  );
  return { outcome, artifacts };
}

export function addressOf(url: string, environment: Readonly<Record<string, string>> = {}): ReadAddress {
  return readAddress({ url, origin: 'test', baseDir: '/', environment });
}

/** A scope of chosen parts. */
export function part(choice: Partial<Scope>): Scope {
  return { ...wholeScope, kind: 'tables', ...choice };
}

function requestOf(options: BackupTestOptions): BackupRequest {
  return {
    stem: options.stem ?? 'app-20261121T020000Z',
    compactTime: '20261121T020000Z',
    formats: options.formats ?? ['custom'],
    scope: options.scope ?? wholeScope,
    fingerprint: options.fingerprint ?? 'off',
    owners: options.owners ?? true,
    privileges: options.privileges ?? true,
    zstdLevel: 3,
    lockTimeoutMs: options.lockTimeoutMs ?? 5000,
  };
}

function memorySink(artifacts: Map<string, Buffer>, options: BackupTestOptions): ArtifactSink {
  return {
    write: async (spec, bytes): Promise<ArtifactRecord> => {
      const chunks: Buffer[] = [];
      let plainBytes = 0;
      for await (const chunk of bytes) {
        // The chunk is ours only until the next one is asked for.
        chunks.push(Buffer.from(chunk));
        plainBytes += chunk.length;
        await options.onChunk?.(spec, plainBytes);
      }
      artifacts.set(spec.role, Buffer.concat(chunks));
      const compression = spec.compression.kind;
      const { name, role } = spec;
      return { name, role, compression, frames: 1, plainBytes, storedBytes: plainBytes, sha256: '0'.repeat(64) };
    },
  };
}

/** The bytes of the artifact with this role. */
export function artifact(taken: TakenBackup, role: string): Buffer {
  const bytes = taken.artifacts.get(role);
  if (bytes === undefined) throw new Error(`no artifact has the role ${role}`);
  return bytes;
}
