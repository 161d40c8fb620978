/**
 * The way of an artifact's bytes into the store: cut and compressed on libuv's pool, hashed in a worker thread, stored as
 * one object. The store pulls; nothing is held beyond the frames in flight.
 */

import type { ArtifactRecord, ArtifactSpec } from '../domain/artifact.ts';
import type { Work } from '../domain/work.ts';
import { compressFrames } from '../codec/frames.ts';
import { startHasher, type Hasher } from '../codec/hashing.ts';
import type { Store } from '../storage/store.ts';

interface Totals {
  frames: number;
  plainBytes: number;
  storedBytes: number;
}

/** Throws what `bytes` throws; nothing remains then. `object-exists` when the name was used already. */
export async function writeArtifact(
  store: Store,
  key: string,
  spec: ArtifactSpec,
  bytes: AsyncIterable<Uint8Array>,
  { signal }: Work,
): Promise<ArtifactRecord> {
  signal.throwIfAborted();
  await using hasher = startHasher();
  const totals: Totals = { frames: 0, plainBytes: 0, storedBytes: 0 };
  await store.put(key, encode(bytes, spec, hasher, totals, signal), { ifAbsent: true, signal });
  const isCompressed = spec.compression.kind !== 'none';
  return {
    name: spec.name,
    role: spec.role,
    compression: spec.compression.kind,
    frames: isCompressed ? totals.frames : 1,
    plainBytes: totals.plainBytes,
    storedBytes: totals.storedBytes,
    sha256: await hasher.digest(),
  };
}

async function* encode(
  bytes: AsyncIterable<Uint8Array>,
  spec: ArtifactSpec,
  hasher: Hasher,
  totals: Totals,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for await (const frame of compressFrames(bytes, spec.compression, { signal })) {
    totals.frames += 1;
    totals.plainBytes += frame.plainBytes;
    totals.storedBytes += frame.bytes.length;
    await hasher.update(frame.bytes);
    yield frame.bytes;
  }
}
