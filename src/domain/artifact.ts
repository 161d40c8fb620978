/**
 * The files of a backup, and the two faces through which an engine gives and gets their bytes. Engines see plain
 * bytes only: compressing, hashing and storing happen behind these faces.
 */

import type { Fingerprint } from './fingerprint.ts';
import type { Manifest } from './manifest.ts';
import type { Work } from './work.ts';

export type ArtifactRole = 'archive' | 'sql' | 'globals' | 'image' | 'fingerprint';

export type Compression = { readonly kind: 'zstd' | 'gzip'; readonly level: number } | { readonly kind: 'none' };

export interface ArtifactSpec {
  /** The file's name in the backup's folder, ending as its compression demands: `app-20261121T020000Z.dump.zst`. */
  readonly name: string;
  readonly role: ArtifactRole;
  readonly compression: Compression;
}

/** What is known of a stored artifact; part of the manifest. */
export interface ArtifactRecord {
  readonly name: string;
  readonly role: ArtifactRole;
  readonly compression: 'zstd' | 'gzip' | 'none';
  /** Independent zstd frames or gzip members; 1 when not compressed. */
  readonly frames: number;
  readonly plainBytes: number;
  readonly storedBytes: number;
  /** SHA-256 of the stored bytes, hex. */
  readonly sha256: string;
}

export interface ArtifactSink {
  /**
   * Compresses, hashes and stores one artifact. Pulls as fast as the store takes it; chunks are not kept after the next
   * pull. When `bytes` throws, nothing of the artifact remains and the same error is thrown.
   */
  write(spec: ArtifactSpec, bytes: AsyncIterable<Uint8Array>, work: Work): Promise<ArtifactRecord>;
}

/** A finished backup, read back. */
export interface BackupSource {
  readonly manifest: Manifest;
  /** True for a file that another program made: there is nothing to compare it with, and a script in it is not trusted. */
  readonly isForeign?: boolean;
  /**
   * The artifact's plain bytes. Frames are decompressed in parallel, ahead, in bounded memory; every stored byte is
   * accounted for and hashed on the way: the iteration throws `damaged-artifact` rather than end on bytes that are not
   * those of the manifest. A chunk is the reader's until its next pull.
   */
  open(artifact: ArtifactRecord, work: Work): AsyncIterable<Uint8Array>;
  /** Null when the backup was made with `--fingerprint off`. */
  fingerprint(work: Work): Promise<Fingerprint | null>;
}
