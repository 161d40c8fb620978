/**
 * Reads a finished backup. Bytes are handed on as they come and judged at the end: whoever consumes them must not
 * call its work done before the iteration has ended without an error.
 */

import type { ArtifactRecord, BackupSource } from '../domain/artifact.ts';
import { HoldfastError } from '../domain/error.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Work } from '../domain/work.ts';
import { decompressFrames } from '../codec/frames.ts';
import { startHasher, type Hasher } from '../codec/hashing.ts';
import type { Store } from '../storage/store.ts';
import { repositoryErrors } from './errors.ts';
import { fileKey } from './layout.ts';
import { decodeFingerprint } from './manifest-codec.ts';

export function openBackup(store: Store, manifest: Manifest): BackupSource {
  return {
    manifest,
    open: (artifact, work) => readArtifact(store, manifest, artifact, work),
    fingerprint: (work) => readFingerprint(store, manifest, work),
  };
}

/** Codes of errors that mean: the stored bytes are not what they should be. */
const damageCodes: ReadonlySet<string> = new Set([
  'damaged-frame',
  'unsupported-frame',
  'object-missing',
  'object-changed',
]);

async function* readArtifact(
  store: Store,
  manifest: Manifest,
  artifact: ArtifactRecord,
  { signal }: Work,
): AsyncGenerator<Uint8Array, void> {
  const fail = damageOf(store, manifest, artifact);
  await using hasher = startHasher();
  const stored = store.get(fileKey(manifest, artifact.name), undefined, signal);
  const counted = countStored(stored, artifact, hasher, fail);
  let plainBytes = 0;
  try {
    for await (const chunk of decompressFrames(counted, artifact.compression, { signal })) {
      plainBytes += chunk.length;
      if (plainBytes > artifact.plainBytes) {
        throw fail(`decompresses to more than the ${String(artifact.plainBytes)} bytes of its manifest`);
      }
      yield chunk;
    }
  } catch (thrown) {
    throw asDamage(thrown, fail);
  }
  signal.throwIfAborted();
  const sha256 = await hasher.digest();
  if (sha256 !== artifact.sha256) throw fail(`has the SHA-256 ${sha256} instead of ${artifact.sha256}`);
  if (plainBytes !== artifact.plainBytes) {
    throw fail(`decompresses to ${String(plainBytes)} bytes instead of ${String(artifact.plainBytes)}`);
  }
}

/** Reads and hashes the stored bytes without decompressing them. Throws `damaged-artifact`. */
export async function hashStoredBytes(
  store: Store,
  manifest: Manifest,
  artifact: ArtifactRecord,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const fail = damageOf(store, manifest, artifact);
  await using hasher = startHasher();
  try {
    const stored = store.get(fileKey(manifest, artifact.name), undefined, signal);
    for await (const chunk of countStored(stored, artifact, hasher, fail)) onBytes(chunk.length);
  } catch (thrown) {
    throw asDamage(thrown, fail);
  }
  signal.throwIfAborted();
  const sha256 = await hasher.digest();
  if (sha256 !== artifact.sha256) throw fail(`has the SHA-256 ${sha256} instead of ${artifact.sha256}`);
}

type Fail = (what: string, cause?: unknown) => HoldfastError;

function damageOf(store: Store, manifest: Manifest, artifact: ArtifactRecord): Fail {
  const key = fileKey(manifest, artifact.name);
  return (what, cause) => repositoryErrors.make('damaged-artifact', `${key} in ${store.label} ${what}`, { cause });
}

function asDamage(thrown: unknown, fail: Fail): unknown {
  if (!(thrown instanceof HoldfastError) || !damageCodes.has(thrown.code)) return thrown;
  return fail(thrown.code === 'object-missing' ? 'is missing' : `is damaged: ${thrown.message}`, thrown);
}

async function* countStored(
  stored: AsyncIterable<Uint8Array>,
  artifact: ArtifactRecord,
  hasher: Hasher,
  fail: Fail,
): AsyncGenerator<Uint8Array, void> {
  let storedBytes = 0;
  for await (const chunk of stored) {
    storedBytes += chunk.length;
    if (storedBytes > artifact.storedBytes) throw fail(`has more than ${String(artifact.storedBytes)} bytes`);
    await hasher.update(chunk);
    yield chunk;
  }
  if (storedBytes !== artifact.storedBytes) {
    throw fail(`has ${String(storedBytes)} bytes instead of ${String(artifact.storedBytes)}`);
  }
}

async function readFingerprint(store: Store, manifest: Manifest, work: Work): Promise<Fingerprint | null> {
  if (manifest.fingerprint.mode === 'off') return null;
  const artifact = manifest.artifacts.find((one) => one.role === 'fingerprint');
  if (artifact === undefined) {
    throw repositoryErrors.make('manifest-damaged', `${manifest.id}: the manifest names no fingerprint`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of readArtifact(store, manifest, artifact, work)) chunks.push(Buffer.from(chunk));
  const decoded = decodeFingerprint(Buffer.concat(chunks));
  if (decoded.ok) return decoded.value;
  const where = `${fileKey(manifest, artifact.name)} in ${store.label}`;
  if (decoded.state === 'damaged') throw repositoryErrors.make('damaged-artifact', `${where}: ${decoded.problem}`);
  throw repositoryErrors.make('manifest-unsupported', `${where}: ${decoded.problem}`);
}
