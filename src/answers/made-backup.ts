/** A backup that was just made, as plain data. */

import type { ArtifactRecord } from '../domain/artifact.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Scope } from '../domain/scope.ts';
import type { BackupResult } from '../operations/backup.ts';
import { expiryAnswer, type ExpiryAnswer } from './expiry.ts';
import { sizesOf } from './stored-backup.ts';

export interface MadeBackupAnswer {
  readonly id: string;
  readonly database: string;
  /** Address without a password. */
  readonly target: string;
  /** Who named it: `DATABASE_URL in .env`. */
  readonly origin: string;
  readonly repository: string;
  /** True when there was none before. */
  readonly repositoryCreated: boolean;
  readonly folder: string;
  readonly scope: Scope;
  readonly label: string | null;
  readonly durationMs: number;
  /** Without the fingerprint. */
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly plainBytesPerSecond: number;
  readonly fingerprint: Manifest['fingerprint'];
  readonly artifacts: readonly ArtifactRecord[];
  /** What the rules for keeping backups came to; null when they could not be applied. */
  readonly expiry: ExpiryAnswer | null;
}

export function madeBackupAnswer(result: BackupResult): MadeBackupAnswer {
  const { expiry } = result;
  return { ...madeAnswer(result), expiry: expiry.result === null ? null : expiryAnswer(expiry.result) };
}

/** What holds of a salvage as well. */
export function madeAnswer(result: Omit<BackupResult, 'expiry' | 'ratio'>): Omit<MadeBackupAnswer, 'expiry'> {
  const { manifest } = result;
  return {
    id: manifest.id,
    database: manifest.database,
    target: result.target.label,
    origin: result.target.origin,
    repository: result.repository,
    repositoryCreated: result.repositoryCreated,
    folder: result.folder,
    scope: manifest.scope,
    label: manifest.label,
    durationMs: Math.round(result.durationMs),
    ...sizesOf(manifest),
    plainBytesPerSecond: Math.round(result.plainBytesPerSecond),
    fingerprint: manifest.fingerprint,
    artifacts: manifest.artifacts,
  };
}
