import type { Finding } from '../domain/finding.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Scope } from '../domain/scope.ts';
import type { SizeLimits } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { DumpFormat, Inspection, Target, TargetSpec } from '../engine/engine.ts';
import type { Parts } from './parts.ts';

export interface BackupRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null takes it from the target's own. */
  readonly database: string | null;
  readonly label: string | null;
  readonly formats: readonly DumpFormat[];
  readonly scope: Scope;
  readonly fingerprint: FingerprintMode;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly zstdLevel: number;
  readonly lockTimeoutMs: number;
  readonly sizeLimits: SizeLimits;
  /** Called once, when it is known what will be backed up and before anything is written. */
  readonly onStart?: (start: { readonly target: Target; readonly inspection: Inspection; readonly repository: string }) => void;
}

export interface BackupResult {
  readonly target: Target;
  readonly manifest: Manifest;
  /** Where it rests: `backups/app/backups/20261121T020000Z-dump-k3f9`. */
  readonly folder: string;
  readonly repository: string;
  readonly repositoryCreated: boolean;
  /** Everything that should be weighed, of the inspection, the backup and its sizes. */
  readonly findings: readonly Finding[];
  readonly durationMs: number;
  readonly plainBytes: number;
  readonly storedBytes: number;
  /** Plain bytes for one stored byte, of all artifacts but the fingerprint. */
  readonly ratio: number;
  readonly plainBytesPerSecond: number;
}

export declare function backup(request: BackupRequest, parts: Parts, work: Work): Promise<BackupResult>;
